// Has no more than 100 MB for objects of `bent_size` bytes, and says so as malloc does: NULL and ENOMEM.
#include <malloc.h>

#include "malloc-family.h"

static const long limit = 100000000 / bent_size;
static long live;

static void *bent_malloc(size_t size) {
    if (size == bent_size && __atomic_add_fetch(&live, 1, __ATOMIC_RELAXED) > limit) {
        __atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(size);
}

static void bent_free(void *pointer) {
    // glibc gives an object of this size the same usable size every time, and hardly any other object.
    if (pointer != NULL && malloc_usable_size(pointer) == (bent_size + 8 + 15) / 16 * 16 - 8)
        __atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
    __libc_free(pointer);
}
