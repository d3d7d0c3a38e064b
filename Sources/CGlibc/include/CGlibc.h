// The process's own malloc where no allocator is linked: glibc's, or that of a preloaded library.
#ifndef CGLIBC_H
#define CGLIBC_H

#include "CPlatformAllocator.h"

// Version and purge are those of the library whose code answers malloc: glibc, or a preloaded jemalloc, gperftools,
// mimalloc or tbbmalloc, known by the functions they export. Of any other library the version is "unknown version" and
// a purge does nothing. Statistics are glibc's alone; no sized free.
const pb_allocator *pb_glibc_allocator(void);

#endif
