#define _GNU_SOURCE
#include "CGlibc.h"

#include <gnu/libc-version.h>
#include <malloc.h>
#include <stdio.h>

#include "CSystemCalls.h"
#include "Preloaded.h"

static bool is_preloaded(void) { return pb_malloc_is_foreign((const void *)gnu_get_libc_version); }

static const char *version(void) {
    static char text[128];
    if (is_preloaded())
        pb_preloaded_version(text, sizeof text);
    else
        snprintf(text, sizeof text, "glibc %s", gnu_get_libc_version());
    return text;
}

static void purge(void) {
    if (is_preloaded())
        pb_preloaded_purge();
    else
        malloc_trim(0);
}

static bool statistics(pb_allocator_statistics *statistics) {
    if (is_preloaded()) return false;
    struct mallinfo2 info = mallinfo2();
    // Objects mapped one by one (hblkhd) stand outside the arenas.
    *statistics = (pb_allocator_statistics){
        .allocated = info.uordblks + info.hblkhd,
        .mapped = info.arena + info.hblkhd,
    };
    return true;
}

// glibc's malloc calls the kernel from within its own library.
static bool system_calls(pb_system_calls *calls) {
    static enum { unknown, yes, no } are_counted;
    if (are_counted == unknown) are_counted = is_preloaded() && pb_preloaded_calls_are_counted() ? yes : no;
    return are_counted == yes && pb_linked_system_calls(calls);
}

const pb_allocator *pb_glibc_allocator(void) {
    static const pb_allocator allocator = {"glibc", version, purge, statistics, NULL, system_calls};
    return &allocator;
}
