// The allocator that answers malloc when a library was preloaded, told by the functions it exports.
#ifndef CGLIBC_PRELOADED_H
#define CGLIBC_PRELOADED_H

#include <stdbool.h>
#include <stddef.h>

// Whether malloc is another library's than the one that holds `own`.
bool pb_malloc_is_foreign(const void *own);
// Writes "name version", or "unknown version".
void pb_preloaded_version(char *text, size_t size);
void pb_preloaded_purge(void);
// Whether the library is known to call mmap, munmap and madvise through its linkage table.
bool pb_preloaded_calls_are_counted(void);

#endif
