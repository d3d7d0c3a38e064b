// What a cache found through a thread-local needs beyond a plain slot: a value that stands for "no cache yet", so
// that the fast path needs no test for it, and memory calls of that cache's slow paths.
#ifndef CPLATFORM_CACHE_H
#define CPLATFORM_CACHE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The all-zero cache of threads that have none. Written before threads run, if at all.
#define PB_NO_CACHE_BYTES 8192
extern uint8_t pb_no_cache[PB_NO_CACHE_BYTES];
static inline __attribute__((always_inline)) void *_Nonnull pb_no_cache_address(void) { return pb_no_cache; }

// A thread's cache, `pb_no_cache` until one is set, and whether the thread is in a call that uses it.
typedef struct {
    void *_Nonnull cache;
    uint8_t is_busy;
} pb_cache_seat;

// The calling thread's. Programs are linked statically from these targets, so the local-exec model holds: one load off
// the thread pointer, where the general model calls a function.
extern _Thread_local pb_cache_seat pb_own_seat __attribute__((tls_model("local-exec")));
static inline __attribute__((always_inline)) pb_cache_seat *_Nonnull pb_cache_seat_own(void) { return &pb_own_seat; }
static inline __attribute__((always_inline)) void *_Nonnull pb_cache_slot_get(void) {
    return __atomic_load_n(&pb_own_seat.cache, __ATOMIC_RELAXED);
}
static inline __attribute__((always_inline)) void pb_cache_slot_set(void *_Nonnull value) {
    __atomic_store_n(&pb_own_seat.cache, value, __ATOMIC_RELAXED);
}

// Begins a call that uses the cache, and ends it: two plain stores. Another thread that takes the cache away writes
// the seat's cache, calls `pb_fence_threads`, and then either sees that the call has begun, or that call sees what was
// written (Dekker's protocol with its fences on the rare side alone).
static inline __attribute__((always_inline)) void *_Nonnull pb_cache_enter(void) {
    __atomic_store_n(&pb_own_seat.is_busy, 1, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return pb_cache_slot_get();
}
static inline __attribute__((always_inline)) void pb_cache_leave(void) {
    __atomic_store_n(&pb_own_seat.is_busy, 0, __ATOMIC_RELEASE);
}
void pb_seat_set(pb_cache_seat *_Nonnull seat, void *_Nonnull cache);
_Bool pb_seat_is_busy(pb_cache_seat *_Nonnull seat);

// A full fence on every running thread of the process (membarrier, from Linux 4.14 on). Once before others: false where
// the system has none.
_Bool pb_fence_threads_prepare(void);
void pb_fence_threads(void);

// The clock of the processor time that the calling thread has used, and nanoseconds on such a clock; 0 when its thread
// is gone.
int32_t pb_thread_clock(void);
uint64_t pb_thread_time(int32_t clock);

// The heap that serves threads without a cache; NULL when there is none.
void *_Nullable pb_process_heap_get(void);
void pb_process_heap_set(void *_Nullable heap);

// mremap of `old_bytes` at `address` to `new_bytes`: without moving, or onto `target`, a mapping of at least
// `new_bytes` that is replaced. False when the system refuses; the mapping is then as it was.
_Bool pb_remap_in_place(void *_Nonnull address, size_t old_bytes, size_t new_bytes);
_Bool pb_remap_onto(void *_Nonnull address, size_t old_bytes, size_t new_bytes, void *_Nonnull target);

// Writes `what` and the pointer to standard error and aborts: for misuse of a pool.
_Noreturn void pb_fail_pointer(const char *_Nonnull what, const void *_Nullable pointer);

static inline __attribute__((always_inline)) void pb_zero(void *_Nonnull address, size_t bytes) {
    memset(address, 0, bytes);
}
static inline __attribute__((always_inline)) void pb_copy(void *_Nonnull to, const void *_Nonnull from, size_t bytes) {
    memcpy(to, from, bytes);
}

#endif
