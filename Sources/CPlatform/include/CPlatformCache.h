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

// The calling thread's cache; `pb_no_cache` until one is set. Programs are linked statically from these targets, so
// the local-exec model holds: one load off the thread pointer, where the general model calls a function.
extern _Thread_local void *_Nonnull pb_cache_slot __attribute__((tls_model("local-exec")));
static inline __attribute__((always_inline)) void *_Nonnull pb_cache_slot_get(void) { return pb_cache_slot; }
static inline __attribute__((always_inline)) void pb_cache_slot_set(void *_Nonnull value) { pb_cache_slot = value; }

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
