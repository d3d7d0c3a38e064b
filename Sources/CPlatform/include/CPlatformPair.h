// Two words that are exchanged as one, for lists of which only one thread changes both ends.
#ifndef CPLATFORM_PAIR_H
#define CPLATFORM_PAIR_H

#include <stdbool.h>
#include <stdint.h>

// Replaces the words at `pair`, a multiple of 16, if they are what is expected. Only for words that the calling thread
// alone changes: one instruction without a lock prefix, so whole against a signal or a switch of threads, not against
// another processor. Elsewhere, where there is no such instruction, two stores that are not even whole against those.
static inline __attribute__((always_inline)) bool pb_exchange_own_pair(
    void *_Nonnull pair, uint64_t first, uint64_t second, uint64_t new_first, uint64_t new_second) {
#if defined(__x86_64__)
    bool done;
    __asm__ volatile("cmpxchg16b %1"
                     : "=@ccz"(done), "+m"(*(unsigned __int128 *)pair), "+a"(first), "+d"(second)
                     : "b"(new_first), "c"(new_second));
    return done;
#else
    uint64_t *words = (uint64_t *)pair;
    if (words[0] != first || words[1] != second) return false;
    words[0] = new_first;
    words[1] = new_second;
    return true;
#endif
}

#endif
