#define _GNU_SOURCE
#include "CPlatformCache.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

_Alignas(64) uint8_t pb_no_cache[PB_NO_CACHE_BYTES];
_Thread_local void *pb_cache_slot = pb_no_cache;
static _Atomic(void *) process_heap;

void *pb_process_heap_get(void) { return atomic_load_explicit(&process_heap, memory_order_acquire); }
void pb_process_heap_set(void *heap) { atomic_store_explicit(&process_heap, heap, memory_order_release); }

_Bool pb_remap_in_place(void *address, size_t old_bytes, size_t new_bytes) {
    return mremap(address, old_bytes, new_bytes, 0) != MAP_FAILED;
}

_Bool pb_remap_onto(void *address, size_t old_bytes, size_t new_bytes, void *target) {
    return mremap(address, old_bytes, new_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target) != MAP_FAILED;
}

void pb_fail_pointer(const char *what, const void *pointer) {
    char text[160];
    int length = snprintf(text, sizeof text, "poolbench: %s: %p\n", what, pointer);
    if (length > (int)sizeof text - 1) length = (int)sizeof text - 1;
    // Nothing is left to do about a failed write: the process ends here.
    if (write(STDERR_FILENO, text, (size_t)length) < 0) abort();
    abort();
}
