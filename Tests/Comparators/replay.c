// Replays a stream over the process's malloc and free.
//
//   gcc -O2 -fno-builtin-malloc -fno-builtin-free -o replay replay.c && ./replay STREAM [VARIANT...]
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdlib.h>

static inline void *take(size_t size, size_t alignment, bool zeroed) {
    if (zeroed) return calloc(1, size);
    if (alignment == 0) return malloc(size);
    void *object;
    return posix_memalign(&object, alignment < sizeof(void *) ? sizeof(void *) : alignment, size) == 0 ? object : NULL;
}

static inline void give(void *object) { free(object); }

static inline void *change(void *object, size_t size) { return realloc(object, size); }

#include "stream.h"

int main(int count, char **arguments) { return compare_main(count, arguments); }
