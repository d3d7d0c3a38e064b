// What poolbench needs of the platform and Swift cannot say: clocks, the cycle counter, pinning,
// anonymous memory, the optimisation barrier, process memory counters. Knows no allocator.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CPlatformAllocator.h"
#include "CPlatformArguments.h"
#include "CPlatformCache.h"
#include "CPlatformCounters.h"
#include "CPlatformHeap.h"
#include "CPlatformIdentity.h"
#include "CPlatformLanes.h"
#include "CPlatformLock.h"
#include "CPlatformPair.h"
#include "CPlatformProtocol.h"
#include "CPlatformSizes.h"

// --- Optimisation barrier -------------------------------------------------------------------------------------------

// The compiler must assume that `pointer` and all memory it leads to is read and written here. No instruction.
static inline __attribute__((always_inline)) void pb_escape(const void *pointer) {
    __asm__ volatile("" : : "r"(pointer) : "memory");
}

// The compiler must compute `value`. No instruction.
static inline __attribute__((always_inline)) void pb_use(uint64_t value) { __asm__ volatile("" : : "r"(value)); }

// `first` if `condition` holds, else `second`, without a branch that a processor would have to predict.
static inline __attribute__((always_inline)) void *pb_choose(bool condition, void *first, void *second) {
    uintptr_t mask = -(uintptr_t)condition;
    // Else the compiler might see what this is and branch after all.
    __asm__("" : "+r"(mask));
    return (void *)(((uintptr_t)first & mask) | ((uintptr_t)second & ~mask));
}

// Brings the cache line at `pointer` near; any address will do.
static inline __attribute__((always_inline)) void pb_prefetch(const void *pointer) { __builtin_prefetch(pointer, 1); }

static inline __attribute__((always_inline)) void pb_prefetch_read(const void *pointer) { __builtin_prefetch(pointer); }

// Plain words that one thread writes and others read without order.
static inline __attribute__((always_inline)) void pb_store_relaxed(intptr_t *word, intptr_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}
static inline __attribute__((always_inline)) intptr_t pb_load_relaxed(const intptr_t *word) {
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static inline __attribute__((always_inline)) intptr_t pb_load_acquire(const intptr_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
// The word before the change.
static inline intptr_t pb_fetch_or(intptr_t *word, intptr_t bits) {
    return __atomic_fetch_or(word, bits, __ATOMIC_ACQ_REL);
}
static inline intptr_t pb_fetch_and(intptr_t *word, intptr_t bits) {
    return __atomic_fetch_and(word, bits, __ATOMIC_ACQ_REL);
}
static inline intptr_t pb_fetch_add(intptr_t *word, intptr_t value) {
    return __atomic_fetch_add(word, value, __ATOMIC_RELAXED);
}
// A flag that one thread at a time may hold; nobody waits for it.
static inline bool pb_try_hold(intptr_t *flag) {
    return __atomic_load_n(flag, __ATOMIC_RELAXED) == 0 && __atomic_exchange_n(flag, 1, __ATOMIC_ACQUIRE) == 0;
}
static inline void pb_let_go(intptr_t *flag) { __atomic_store_n(flag, 0, __ATOMIC_RELEASE); }
// Sets a word that is 0 to `value`; what the word holds afterwards.
static inline intptr_t pb_publish(intptr_t *word, intptr_t value) {
    intptr_t seen = 0;
    return __atomic_compare_exchange_n(word, &seen, value, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ? value : seen;
}

// --- Clocks ---------------------------------------------------------------------------------------------------------

// CLOCK_MONOTONIC in nanoseconds.
uint64_t pb_now_ns(void);
// CPU time of the whole process, all threads, in nanoseconds.
uint64_t pb_process_cpu_ns(void);

// The cycle counter before and after a timed operation: fenced so that neither the operation nor the read moves past
// the other. x86-64: Intel SDM vol. 3 "RDTSC"; arm64: CNTVCT_EL0 behind ISB; elsewhere the monotonic clock.
//
// Stores from before have to have reached the cache: on an AMD EPYC one that missed held the second reading up, so that
// of spans with nothing inside, some time after such a store, 16 % took three times as long as the others. What a
// replay writes to a new object would be counted as the next operation's time.
static inline __attribute__((always_inline)) uint64_t pb_ticks_begin(void) {
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("mfence\n\tlfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
    return ticks;
#else
    return pb_now_ns();
#endif
}

static inline __attribute__((always_inline)) uint64_t pb_ticks_end(void) {
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("rdtscp\n\tlfence" : "=a"(low), "=d"(high) : : "rcx", "memory");
    return (uint64_t)high << 32 | low;
#else
    return pb_ticks_begin();
#endif
}

// --- Memory of the system -------------------------------------------------------------------------------------------

size_t pb_page_size(void);
// Private anonymous zeroed memory, `populate`: resident at once. NULL when the system refuses.
void *pb_map(size_t bytes, bool populate);
// Address space alone, no memory accounted (MAP_NORESERVE); pages appear when touched.
void *pb_reserve(size_t bytes);
// As pb_reserve, at a multiple of `alignment` (a power of two, at least a page).
void *pb_reserve_aligned(size_t bytes, size_t alignment);
void pb_unmap(void *address, size_t bytes);
// Grows or moves a mapping of pb_map; NULL when refused, the old one then intact.
void *pb_remap(void *address, size_t old_bytes, size_t new_bytes);
// Gives the pages' memory back and keeps the addresses; they read as zero afterwards.
void pb_discard(void *address, size_t bytes);
// Asks for huge pages in the range, where the system has them on demand.
void pb_advise_huge(void *address, size_t bytes);
// Gets memory for those whole pages of the system that lie inside, as writing to each would, in one call. Nothing where the
// system can't.
void pb_populate(void *address, size_t bytes);

// What the functions above have asked of the kernel so far, in all threads.
pb_system_calls pb_own_system_calls(void);

// For tests of exhaustion: how many more mappings the calling thread is given by the functions above before they are
// refused; below 0, as from the start, there is no limit.
void pb_limit_maps(long limit);
/// Whether this thread may map again; counts as a mapping if so. For allocations that the limit covers as well.
bool pb_may_map(void);
// Bytes that the calling thread has mapped by the functions above less those it has unmapped.
intptr_t pb_thread_mapped(void);

// Bytes that this process maps as file, anonymous and shared memory and that are resident, the peak of all, and the
// address space that it has mapped, resident or not.
typedef struct {
    uint64_t anonymous, file, shared, peak, space;
} pb_memory;
// Reads /proc/self/status into a stack buffer: no allocation. Zeroes when it cannot be read.
pb_memory pb_process_memory(void);

// What the process's malloc really set aside for an object (glibc's extension, which the others implement too).
static inline size_t pb_usable_size(void *pointer) { return malloc_usable_size(pointer); }

// --- Process and threads --------------------------------------------------------------------------------------------

typedef struct {
    uint64_t minor_faults, major_faults, voluntary_switches, involuntary_switches;
} pb_usage;
pb_usage pb_process_usage(void);

// Pins the calling thread to one CPU. False when the system refuses.
bool pb_pin_to_cpu(int cpu);
// Lets the calling thread run on any CPU that the process may use, whatever its creator was pinned to.
bool pb_unpin(void);
void pb_sleep_ns(uint64_t nanoseconds);
// Ends the process at once, without running exit handlers.
_Noreturn void pb_exit(int status);

#endif
