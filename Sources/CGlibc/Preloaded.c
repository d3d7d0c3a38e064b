#define _GNU_SOURCE
#include "Preloaded.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef int mallctl_function(const char *, void *, size_t *, void *, size_t);
typedef const char *tc_version_function(int *, int *, const char **);
typedef int mi_version_function(void);
typedef void mi_collect_function(bool);
typedef int tbb_command_function(int, void *);
typedef void plain_function(void);

// TBBMALLOC_CLEAN_ALL_BUFFERS of oneTBB's scalable_allocator.h.
static const int tbb_clean_all_buffers = 0;

static const void *base_of(const void *address) {
    Dl_info info;
    return address != NULL && dladdr(address, &info) != 0 ? info.dli_fbase : NULL;
}

bool pb_malloc_is_foreign(const void *own) { return base_of(dlsym(RTLD_DEFAULT, "malloc")) != base_of(own); }

// A function of the library that answers malloc; a namesake in another library is not it.
static void *owned(const char *name) {
    void *function = dlsym(RTLD_DEFAULT, name);
    return base_of(function) == base_of(dlsym(RTLD_DEFAULT, "malloc")) ? function : NULL;
}

// tbbmalloc answers malloc through a proxy, which exports this mark, and has its other functions in a second library.
static tbb_command_function *tbb_command(void) {
    return owned("__TBB_malloc_proxy") != NULL ? (tbb_command_function *)dlsym(RTLD_DEFAULT, "scalable_allocation_command")
                                               : NULL;
}

// 209 is 2.0.9; since 3.3.0 the number has two digits for each part after the first.
static void write_mimalloc_version(char *text, size_t size, int number) {
    if (number < 1000)
        snprintf(text, size, "mimalloc %d.%d.%d", number / 100, number / 10 % 10, number % 10);
    else
        snprintf(text, size, "mimalloc %d.%d.%d", number / 10000, number / 100 % 100, number % 100);
}

// A release's number ends with its commit ("5.3.0-0-g54eaed1…"), which says no more.
static void write_jemalloc_version(char *text, size_t size, const char *number) {
    const char *commit = strstr(number, "-0-g");
    snprintf(text, size, "jemalloc %.*s", (int)(commit != NULL ? commit - number : 64), number);
}

void pb_preloaded_version(char *text, size_t size) {
    mallctl_function *mallctl = (mallctl_function *)owned("mallctl");
    tc_version_function *tc_version = (tc_version_function *)owned("tc_version");
    mi_version_function *mi_version = (mi_version_function *)owned("mi_version");
    const char *number;
    size_t number_size = sizeof number;
    if (mallctl != NULL && mallctl("version", &number, &number_size, NULL, 0) == 0)
        write_jemalloc_version(text, size, number);
    else if (tc_version != NULL)
        snprintf(text, size, "%s", tc_version(NULL, NULL, NULL));
    else if (mi_version != NULL)
        write_mimalloc_version(text, size, mi_version());
    else if (tbb_command() != NULL)
        snprintf(text, size, "tbbmalloc, unknown version");
    else
        snprintf(text, size, "unknown version");
}

void pb_preloaded_purge(void) {
    mallctl_function *mallctl = (mallctl_function *)owned("mallctl");
    plain_function *mark_idle = (plain_function *)owned("MallocExtension_MarkThreadIdle");
    plain_function *release = (plain_function *)owned("MallocExtension_ReleaseFreeMemory");
    mi_collect_function *mi_collect = (mi_collect_function *)owned("mi_collect");
    tbb_command_function *command = tbb_command();
    if (mallctl != NULL) {
        mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
        // MALLCTL_ARENAS_ALL
        mallctl("arena.4096.purge", NULL, NULL, NULL, 0);
    }
    if (mark_idle != NULL) mark_idle();
    if (release != NULL) release();
    if (mi_collect != NULL) mi_collect(true);
    if (command != NULL) command(tbb_clean_all_buffers, NULL);
}

bool pb_preloaded_calls_are_counted(void) {
    static const char *const marks[] = {"mallctl", "tc_version", "mi_version", "__TBB_malloc_proxy"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (owned(marks[i]) != NULL) return true;
    return false;
}
