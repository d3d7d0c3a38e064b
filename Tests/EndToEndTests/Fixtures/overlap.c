// Objects of `bent_size` bytes overlap the one before by half, all through a fixed piece of memory.
#include <stdbool.h>

#include "malloc-family.h"

enum { step = bent_size / 2 & ~15, steps = 4096 };

static _Alignas(16) char arena[step * steps + bent_size];
static unsigned handed_out;

static void *bent_malloc(size_t size) {
    if (size != bent_size) return __libc_malloc(size);
    return arena + (__atomic_fetch_add(&handed_out, 1, __ATOMIC_RELAXED) % steps) * step;
}

static void bent_free(void *pointer) {
    bool is_ours = (char *)pointer >= arena && (char *)pointer < arena + sizeof arena;
    if (!is_ours) __libc_free(pointer);
}
