// Blocking on a 32-bit word of shared memory, which is all that lanes need of the system to wait for each other.
#ifndef CPLATFORMLANES_H
#define CPLATFORMLANES_H

#include <stdint.h>

// Sleeps while `*word` is `expected`; returns at once if it is not. May return early for no reason: look again.
void pb_futex_wait(const void *word, uint32_t expected);
// As pb_futex_wait, for so many nanoseconds at most.
void pb_futex_wait_for(const void *word, uint32_t expected, uint64_t nanoseconds);
// Wakes up to `count` threads of this process that sleep on `word`.
void pb_futex_wake(const void *word, int count);

#endif
