// The jemalloc worker's allocator, as the process's own malloc: identity, version, purge. Cold calls only.
#ifndef CJEMALLOC_H
#define CJEMALLOC_H

#include <stddef.h>

// "name version" of the library whose code answers, asked of the library itself.
const char *pb_jemalloc_version(void);
// Gives back to the system all unused memory that the allocator can.
void pb_jemalloc_purge(void);

#endif
