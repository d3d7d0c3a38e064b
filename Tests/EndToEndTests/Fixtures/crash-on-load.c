// Dies of SIGSEGV while it is loaded.
#include "malloc-family.h"

static void *bent_malloc(size_t size) { return __libc_malloc(size); }
static void bent_free(void *pointer) { __libc_free(pointer); }

__attribute__((constructor)) static void crash(void) {
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}
