// Preloaded: counts calls of malloc's family between the worker's baseline and the end of its drain.
#include <stddef.h>
#include <stdio.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static int active;
static long calls;

static void count(void) {
    if (__atomic_load_n(&active, __ATOMIC_RELAXED)) __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *pointer, size_t size) {
    count();
    return __libc_realloc(pointer, size);
}

int posix_memalign(void **pointer, size_t alignment, size_t size) {
    count();
    *pointer = __libc_memalign(alignment, size);
    return *pointer == NULL ? 12 : 0;
}

void free(void *pointer) {
    if (pointer != NULL) count();
    __libc_free(pointer);
}

void poolbench_probe(int begins) {
    if (begins) {
        __atomic_store_n(&calls, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&active, 1, __ATOMIC_RELAXED);
    } else {
        __atomic_store_n(&active, 0, __ATOMIC_RELAXED);
        fprintf(stderr, "heap calls %ld\n", calls);
    }
}
