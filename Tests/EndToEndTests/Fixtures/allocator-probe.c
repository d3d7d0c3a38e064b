// Prints what a shim says about the process's malloc and what the platform layer finds of its identity.
// Built with -DALLOCATOR=pb_glibc_allocator and the like, linked with that shim's library alone.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CPlatformAllocator.h"
#include "CPlatformIdentity.h"

const pb_allocator *ALLOCATOR(void);

enum { objects = 1000, object_size = 4096 };

static void print_statistics(const char *moment, const pb_allocator *allocator) {
    pb_allocator_statistics figures = {0};
    if (allocator->statistics(&figures))
        printf("%s %llu %llu %llu %llu\n", moment, (unsigned long long)figures.allocated,
               (unsigned long long)figures.active, (unsigned long long)figures.resident,
               (unsigned long long)figures.mapped);
}

// Whether objects come from the heap's end, one behind the other, though others were freed below it.
static bool ignores_holes(const pb_allocator *allocator) {
    static char *held[objects];
    char *last = NULL;
    for (int i = 0; i < objects; i++) {
        held[i] = malloc(1000 + 37 * i % 30000);
        if (held[i] > last) last = held[i];
    }
    for (int i = 0; i < objects; i++)
        if (i % 3 != 0 && held[i] != last) free(held[i]);
    allocator->purge();
    if (allocator->occupy != NULL) allocator->occupy();
    char *first = malloc(object_size), *second = malloc(object_size);
    bool does = first > last && second > first && second - first < object_size + 64;
    free(second);
    free(first);
    return does;
}

int main(void) {
    const pb_allocator *allocator = ALLOCATOR();
    static pb_malloc_identity identity;
    static void *held[objects];
    pb_identify_malloc(&identity);
    printf("name %s\nversion %s\n", allocator->name, allocator->version());
    printf("malloc %s\nfree %s\nbuild-id %s\nreached %d\n", identity.malloc_owner, identity.free_owner,
           identity.build_id, identity.calls_reach_them);
    print_statistics("before", allocator);
    for (int i = 0; i < objects; i++) {
        held[i] = malloc(object_size);
        memset(held[i], i, object_size);
    }
    print_statistics("holding", allocator);
    printf("sized %d\n", allocator->free_sized != NULL);
    for (int i = 0; i < objects; i++) {
        if (allocator->free_sized != NULL)
            allocator->free_sized(held[i], object_size);
        else
            free(held[i]);
    }
    allocator->purge();
    print_statistics("purged", allocator);
    printf("ignores-holes %d\n", ignores_holes(allocator));
    return 0;
}
