#define _GNU_SOURCE
#include "CPlatformLock.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

// The word's states, as in U. Drepper, "Futexes Are Tricky", section 6.
enum { unlocked = 0, held = 1, contended = 2 };
// A critical section here is some tens of nanoseconds; waiting longer means that the holder was preempted.
enum { spins = 64 };

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

bool pb_lock_acquire(uint32_t *address) {
    _Atomic uint32_t *word = (_Atomic uint32_t *)address;
    uint32_t seen = unlocked;
    if (atomic_compare_exchange_strong_explicit(word, &seen, held, memory_order_acquire, memory_order_relaxed))
        return false;
    for (int i = 0; i < spins; i++) {
        relax();
        if (atomic_load_explicit(word, memory_order_relaxed) != unlocked) continue;
        seen = unlocked;
        if (atomic_compare_exchange_weak_explicit(word, &seen, held, memory_order_acquire, memory_order_relaxed))
            return true;
    }
    while (atomic_exchange_explicit(word, contended, memory_order_acquire) != unlocked)
        syscall(SYS_futex, address, FUTEX_WAIT_PRIVATE, contended, NULL, NULL, 0);
    return true;
}

bool pb_lock_try(uint32_t *address) {
    uint32_t seen = unlocked;
    return atomic_compare_exchange_strong_explicit((_Atomic uint32_t *)address, &seen, held, memory_order_acquire,
                                                   memory_order_relaxed);
}

void pb_lock_release(uint32_t *address) {
    _Atomic uint32_t *word = (_Atomic uint32_t *)address;
    if (atomic_exchange_explicit(word, unlocked, memory_order_release) == contended)
        syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
