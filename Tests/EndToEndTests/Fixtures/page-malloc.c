// A malloc whose memory is known to the page: each live object of `bent_size` bytes takes one page of its own, and a
// freed one goes back to the system at once. Everything else is glibc's.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#include "malloc-family.h"

enum { page = 4096, most_pages = 1 << 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *pages;
static unsigned used;
// Numbers of freed pages, a stack from the front: it takes a page for each 1,024 that are free at once.
static unsigned freed[most_pages];
static unsigned freed_count;

static bool is_ours(const void *pointer) {
    return pages != NULL && (uintptr_t)pointer - (uintptr_t)pages < (uintptr_t)most_pages * page;
}

static void *bent_malloc(size_t size) {
    if (size != bent_size) return __libc_malloc(size);
    void *object = NULL;
    pthread_mutex_lock(&lock);
    if (pages == NULL) {
        void *reserved = mmap(NULL, (size_t)most_pages * page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (reserved != MAP_FAILED) {
            madvise(reserved, (size_t)most_pages * page, MADV_NOHUGEPAGE);
            pages = reserved;
        }
    }
    if (pages != NULL && freed_count > 0)
        object = pages + (size_t)freed[--freed_count] * page;
    else if (pages != NULL && used < most_pages)
        object = pages + (size_t)used++ * page;
    pthread_mutex_unlock(&lock);
    return object;
}

static void bent_free(void *pointer) {
    if (!is_ours(pointer)) {
        __libc_free(pointer);
        return;
    }
    madvise(pointer, page, MADV_DONTNEED);
    pthread_mutex_lock(&lock);
    freed[freed_count++] = (unsigned)(((uintptr_t)pointer - (uintptr_t)pages) / page);
    pthread_mutex_unlock(&lock);
}

size_t malloc_usable_size(void *pointer) {
    static size_t (*glibc)(void *);
    if (is_ours(pointer)) return page;
    if (glibc == NULL) glibc = (size_t (*)(void *))dlsym(RTLD_NEXT, "malloc_usable_size");
    return glibc(pointer);
}

#ifdef AS_MIMALLOC
// Taken for a library whose calls for memory of the system are known to be countable.
int mi_version(void) { return 20100; }
#endif
