#ifndef CPLATFORM_HEAP_H
#define CPLATFORM_HEAP_H

#include <stddef.h>
#include <stdint.h>

// The process's malloc for pools that are defined by taking their blocks from it. As mappings are, blocks can be made
// to run out (pb_limit_maps) and are counted, both by thread and only so far as these calls are used.

void *pb_heap_allocate(size_t bytes);
/// At a multiple of `alignment`, a power of two.
void *pb_heap_allocate_aligned(size_t bytes, size_t alignment);
/// `block` is untouched where this gives NULL.
void *pb_heap_resize(void *block, size_t bytes);
void pb_heap_free(void *block);
/// Blocks that this thread has allocated, less those that it has freed.
intptr_t pb_thread_heap_blocks(void);

#endif
