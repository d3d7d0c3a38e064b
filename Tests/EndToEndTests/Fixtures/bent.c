// Misbehaves at the thousandth object of `bent_size` bytes in the way that the variable BENT names, so that one library
// makes many subjects: bad[BENT=crash], bad[BENT=leak].
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "malloc-family.h"

static const char *way = "";
static unsigned asked;

__attribute__((constructor)) static void choose(void) {
    const char *value = getenv("BENT");
    if (value != NULL) way = value;
    if (strcmp(way, "stubborn") == 0) signal(SIGTERM, SIG_IGN);
}

static void flood(int lines) {
    static char line[1024];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i != lines; i++)
        for (int descriptor = 1; descriptor <= 2; descriptor++)
            if (write(descriptor, line, sizeof line) < 0) _exit(1);
}

static void leak(void) {
    for (size_t step = 1 << 20;;) {
        char *memory = mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) _exit(1);
        memset(memory, 1, step);
    }
}

static void misbehave(void) {
    static const char last[] = "bent: cannot go on\n";
    if (strcmp(way, "crash") == 0) *(volatile int *volatile)NULL = 1;
    if (strcmp(way, "abort") == 0 && write(2, last, sizeof last - 1) > 0) abort();
    if (strcmp(way, "stop") == 0) raise(SIGSTOP);
    if (strcmp(way, "stubborn") == 0)
        for (;;) __asm__ volatile("");
    if (strcmp(way, "exit") == 0) _exit(0);
    if (strcmp(way, "leak") == 0) leak();
    if (strcmp(way, "flood") == 0) flood(4096);
    if (strcmp(way, "drown") == 0) flood(-1);
    // A child that fills its parent's streams for as long as it is let.
    if (strcmp(way, "fork-drown") == 0 && fork() == 0) flood(-1);
    if (strcmp(way, "close") == 0) (void)(close(1), close(2));
    // A child that stays behind, with all of its parent's streams.
    if (strcmp(way, "fork") == 0 && fork() == 0)
        for (;;) pause();
}

static void *bent_malloc(size_t size) {
    if (size == bent_size) {
        if (strcmp(way, "null") == 0) {
            errno = ENOMEM;
            return NULL;
        }
        if (__atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED) == 1000) misbehave();
    }
    return __libc_malloc(size);
}

static void bent_free(void *pointer) { __libc_free(pointer); }
