#define _GNU_SOURCE
#include "CPlatformCache.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Alignas(64) uint8_t pb_no_cache[PB_NO_CACHE_BYTES];
_Thread_local pb_cache_seat pb_own_seat = {pb_no_cache, 0};
static _Atomic(void *) process_heap;

void *pb_process_heap_get(void) { return atomic_load_explicit(&process_heap, memory_order_acquire); }
void pb_process_heap_set(void *heap) { atomic_store_explicit(&process_heap, heap, memory_order_release); }

void pb_seat_set(pb_cache_seat *seat, void *cache) { __atomic_store_n(&seat->cache, cache, __ATOMIC_RELAXED); }
_Bool pb_seat_is_busy(pb_cache_seat *seat) { return __atomic_load_n(&seat->is_busy, __ATOMIC_ACQUIRE) != 0; }

_Bool pb_fence_threads_prepare(void) {
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}
void pb_fence_threads(void) {
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) abort();
}

int32_t pb_thread_clock(void) {
    clockid_t clock;
    return pthread_getcpuclockid(pthread_self(), &clock) == 0 ? clock : CLOCK_THREAD_CPUTIME_ID;
}

uint64_t pb_thread_time(int32_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return 0;
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

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
