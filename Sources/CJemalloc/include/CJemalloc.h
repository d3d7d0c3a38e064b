// jemalloc, linked, as the process's own malloc.
#ifndef CJEMALLOC_H
#define CJEMALLOC_H

#include "CPlatformAllocator.h"

// Version by mallctl("version"), sized free by sdallocx. A purge flushes the calling thread's cache and purges every
// arena; the caches of other threads stay until these end.
const pb_allocator *pb_jemalloc_allocator(void);

#endif
