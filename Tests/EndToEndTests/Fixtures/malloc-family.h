// A malloc family that forwards to glibc's own functions, for preloaded libraries that misbehave on purpose. The file
// that includes it defines `bent_malloc` and `bent_free`; the other calls are glibc's and work on its objects alone.
#ifndef MALLOC_FAMILY_H
#define MALLOC_FAMILY_H

#include <errno.h>
#include <stddef.h>

// The size in bytes at which a fixture misbehaves. Odd enough that nothing but a workload made for it asks for it.
enum { bent_size = 1337 };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *pointer);

static void *bent_malloc(size_t size);
static void bent_free(void *pointer);

void *malloc(size_t size) { return bent_malloc(size); }
void free(void *pointer) { bent_free(pointer); }
void *calloc(size_t count, size_t size) { return __libc_calloc(count, size); }
void *realloc(void *pointer, size_t size) { return __libc_realloc(pointer, size); }
void *memalign(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *pointer = __libc_memalign(alignment, size);
    if (pointer == NULL) return ENOMEM;
    *result = pointer;
    return 0;
}

#endif
