// Writes to standard output while it is loaded, in words that a careless reader could take for a record's, and once
// more at the first object of `bent_size` bytes.
#include <unistd.h>

#include "malloc-family.h"

static void say(const char *words, size_t length) {
    if (write(1, words, length) < 0) _exit(1);
}

static void *bent_malloc(size_t size) {
    static const char words[] = "chatty: an object\n";
    static char has_spoken;
    if (size == bent_size && !__atomic_test_and_set(&has_spoken, __ATOMIC_RELAXED)) say(words, sizeof words - 1);
    return __libc_malloc(size);
}

static void bent_free(void *pointer) { __libc_free(pointer); }

__attribute__((constructor)) static void chat(void) {
    static const char words[] = "chatty: hello\nstatus failed\nend\nand no end of line";
    say(words, sizeof words - 1);
}
