// Replays a stream over nothing: every object is the same piece of memory. What it takes is what decoding the words and
// touching the memory cost in C: the floor for the null subject.
//
//   gcc -O2 -o null-loop null-loop.c && ./null-loop STREAM [VARIANT...]
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>

// As much as one object may take; only the pages that are touched exist.
static char memory[1u << 30];

static inline void *take(size_t size, size_t alignment, bool zeroed) {
    (void)alignment, (void)zeroed;
    return size <= sizeof memory ? memory : NULL;
}

static inline void give(void *object) { (void)object; }

static inline void *change(void *object, size_t size) { return size <= sizeof memory ? object : NULL; }

#include "stream.h"

int main(int count, char **arguments) { return compare_main(count, arguments); }
