// The thousandth object of `bent_size` bytes never comes: the caller sleeps for ever.
#include <unistd.h>

#include "malloc-family.h"

static unsigned asked;

static void *bent_malloc(size_t size) {
    if (size == bent_size && __atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED) >= 1000)
        for (;;) pause();
    return __libc_malloc(size);
}

static void bent_free(void *pointer) { __libc_free(pointer); }
