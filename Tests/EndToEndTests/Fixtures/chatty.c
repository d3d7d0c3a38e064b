// Writes to standard output while it is loaded, in words that a careless reader could take for a record's.
#include <unistd.h>

#include "malloc-family.h"

static void *bent_malloc(size_t size) { return __libc_malloc(size); }
static void bent_free(void *pointer) { __libc_free(pointer); }

__attribute__((constructor)) static void chat(void) {
    static const char words[] = "chatty: hello\nstatus failed\nend\nand no end of line";
    if (write(1, words, sizeof words - 1) < 0) _exit(1);
}
