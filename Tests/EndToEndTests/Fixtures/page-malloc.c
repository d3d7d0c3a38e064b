// A malloc whose memory is known to the page: each live object of up to a page takes one page, nothing else does, and a
// freed page goes back to the system at once. Larger objects and the aligned and zeroed calls are glibc's.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#include "malloc-family.h"

enum { page = 4096, most_pages = 1 << 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *pages;
static unsigned used;
// Numbers of freed pages, a stack. It grows from the front, so its own memory is a page for each 1,024 freed at once;
// a test that wants the page count exact frees nothing before it looks.
static unsigned freed[most_pages];
static unsigned freed_count;

static void *bent_malloc(size_t size) {
    if (size > page) return __libc_malloc(size);
    void *object = NULL;
    pthread_mutex_lock(&lock);
    if (pages == NULL) {
        void *reserved = mmap(NULL, (size_t)most_pages * page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (reserved != MAP_FAILED) pages = reserved;
        if (pages != NULL) madvise(pages, (size_t)most_pages * page, MADV_NOHUGEPAGE);
    }
    if (pages != NULL && freed_count > 0)
        object = pages + (size_t)freed[--freed_count] * page;
    else if (pages != NULL && used < most_pages)
        object = pages + (size_t)used++ * page;
    pthread_mutex_unlock(&lock);
    return object;
}

static void bent_free(void *pointer) {
    uintptr_t offset = (uintptr_t)pointer - (uintptr_t)pages;
    if (pointer == NULL || pages == NULL || offset >= (uintptr_t)most_pages * page) {
        __libc_free(pointer);
        return;
    }
    madvise(pointer, page, MADV_DONTNEED);
    pthread_mutex_lock(&lock);
    freed[freed_count++] = (unsigned)(offset / page);
    pthread_mutex_unlock(&lock);
}
