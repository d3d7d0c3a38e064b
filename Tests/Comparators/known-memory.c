// A program whose resident memory is known to the page: it maps, touches, discards and unmaps pages by number and
// prints, for each step, by how many pages it has grown and by how many the platform layer says it has.
//
//   known-memory PAGES      prints lines `step known-pages measured-pages`
//
// Built together with Sources/CPlatform/CPlatform.c, whose pb_process_memory is what is checked.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CPlatform.h"

static size_t page;
static uint64_t baseline;

static uint64_t resident(void) {
    pb_memory memory = pb_process_memory();
    return memory.anonymous + memory.shared;
}

static void report(const char *step, long known) {
    // Read before printing: the first printf allocates its buffer.
    long measured = ((long)resident() - (long)baseline) / (long)page;
    printf("%s %ld %ld\n", step, known, measured);
}

static char *map(size_t pages, int kind) {
    char *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) exit(1);
    // Otherwise a touch could make 2 MiB resident at once.
    madvise(memory, pages * page, MADV_NOHUGEPAGE);
    return memory;
}

static void touch(char *memory, size_t pages) {
    for (size_t i = 0; i < pages; i++) memory[i * page] = 1;
}

int main(int count, char **arguments) {
    long pages = count > 1 ? atol(arguments[1]) : 1024;
    page = (size_t)sysconf(_SC_PAGESIZE);
    // Whatever printing and reading need is resident before the baseline is taken.
    static char buffer[4096];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    printf("page %zu\n", page);
    resident();
    baseline = resident();

    report("start", 0);
    char *private = map((size_t)pages, MAP_PRIVATE);
    report("mapped", 0);
    touch(private, (size_t)pages / 2);
    report("half", pages / 2);
    touch(private, (size_t)pages);
    report("all", pages);
    char *shared = map((size_t)pages, MAP_SHARED);
    touch(shared, (size_t)pages);
    report("shared", 2 * pages);
    madvise(private, (size_t)pages / 4 * page, MADV_DONTNEED);
    report("discarded", 2 * pages - pages / 4);
    munmap(shared, (size_t)pages * page);
    report("unmapped", pages - pages / 4);
    munmap(private, (size_t)pages * page);
    report("end", 0);
    return 0;
}
