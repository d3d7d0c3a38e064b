#include "CPlatformHeap.h"

#include <stdlib.h>

#include "CPlatform.h"

static _Thread_local intptr_t blocks;

void *pb_heap_allocate(size_t bytes) {
    if (!pb_may_map()) return NULL;
    void *block = malloc(bytes);
    if (block != NULL) blocks++;
    return block;
}

void *pb_heap_allocate_aligned(size_t bytes, size_t alignment) {
    if (!pb_may_map()) return NULL;
    void *block = NULL;
    if (posix_memalign(&block, alignment < sizeof(void *) ? sizeof(void *) : alignment, bytes) != 0) return NULL;
    blocks++;
    return block;
}

void *pb_heap_resize(void *block, size_t bytes) {
    if (!pb_may_map()) return NULL;
    return realloc(block, bytes);
}

void pb_heap_free(void *block) {
    if (block == NULL) return;
    blocks--;
    free(block);
}

intptr_t pb_thread_heap_blocks(void) { return blocks; }
