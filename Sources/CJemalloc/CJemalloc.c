#include "CJemalloc.h"

#include <jemalloc/jemalloc.h>
#include <stdio.h>
#include <string.h>

#include "CSystemCalls.h"

#define TEXT(value) #value
#define TEXT_OF(macro) TEXT(macro)

static const char *version(void) {
    static char text[128];
    const char *number = "of unknown version";
    size_t size = sizeof number;
    mallctl("version", &number, &size, NULL, 0);
    // A release's number ends with its commit ("5.3.0-0-g54eaed1…"), which says no more.
    const char *commit = strstr(number, "-0-g");
    snprintf(text, sizeof text, "jemalloc %.*s", (int)(commit != NULL ? commit - number : 64), number);
    return text;
}

static void purge(void) {
    // Refused where thread caches are switched off, and then not needed.
    mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
    mallctl("arena." TEXT_OF(MALLCTL_ARENAS_ALL) ".purge", NULL, NULL, NULL, 0);
}

static uint64_t figure(const char *name) {
    size_t value = 0, size = sizeof value;
    return mallctl(name, &value, &size, NULL, 0) == 0 ? value : 0;
}

static bool statistics(pb_allocator_statistics *statistics) {
    // The figures are a snapshot taken when the epoch advances.
    uint64_t epoch = 1;
    if (mallctl("epoch", NULL, NULL, &epoch, sizeof epoch) != 0) return false;
    *statistics = (pb_allocator_statistics){
        .allocated = figure("stats.allocated"),
        .active = figure("stats.active"),
        .resident = figure("stats.resident"),
        .mapped = figure("stats.mapped"),
    };
    return statistics->allocated != 0;
}

static void free_sized(void *pointer, size_t size) { sdallocx(pointer, size, 0); }

const pb_allocator *pb_jemalloc_allocator(void) {
    static const pb_allocator allocator = {
        "jemalloc", version, purge, statistics, free_sized, pb_linked_system_calls, NULL,
    };
    return &allocator;
}
