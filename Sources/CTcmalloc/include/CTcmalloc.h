// The tcmalloc of gperftools, linked, as the process's own malloc.
#ifndef CTCMALLOC_H
#define CTCMALLOC_H

#include "CPlatformAllocator.h"

// Version by tc_version ("gperftools 2.10"), sized free by tc_free_sized. A purge empties the calling thread's cache
// and releases every free span; the caches of other threads stay until these end.
const pb_allocator *pb_tcmalloc_allocator(void);

#endif
