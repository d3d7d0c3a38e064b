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

// Chunks that were freed below the heap's top stand in lists that every larger request than those of threads' caches
// walks, and one that fits is split for each: 24 instructions an object of a pool that takes blocks of 4 KiB, where a
// heap without them has 9. Smaller requests than these are served by such a cache, and none is as large as a mapping of
// its own, whose free would move the threshold of those.
enum { largest_hole = 64 << 10, smallest_hole = 1040 };

static size_t free_below_top(void) {
    struct mallinfo2 info = mallinfo2();
    return info.fordblks - info.keepcost;
}

static void occupy(void) {
    if (is_preloaded()) return;
    for (size_t size = largest_hole; size >= smallest_hole; size -= size / 8) {
        for (size_t before = free_below_top(); before >= size; before = free_below_top()) {
            void *hole = malloc(size);
            if (free_below_top() < before) continue;
            // From elsewhere: the top, or a mapping where a variable of the environment says so.
            free(hole);
            break;
        }
    }
}

// glibc's malloc calls the kernel from within its own library.
static bool system_calls(pb_system_calls *calls) {
    static enum { unknown, yes, no } are_counted;
    if (are_counted == unknown) are_counted = is_preloaded() && pb_preloaded_calls_are_counted() ? yes : no;
    return are_counted == yes && pb_linked_system_calls(calls);
}

const pb_allocator *pb_glibc_allocator(void) {
    static const pb_allocator allocator = {"glibc", version, purge, statistics, NULL, system_calls, occupy};
    return &allocator;
}
