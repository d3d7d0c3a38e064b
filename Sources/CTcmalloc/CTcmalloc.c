#include "CTcmalloc.h"

#include <gperftools/malloc_extension_c.h>
#include <gperftools/tcmalloc.h>

#include "CSystemCalls.h"

// The library's own text begins with its name already.
static const char *version(void) { return tc_version(NULL, NULL, NULL); }

static void purge(void) {
    MallocExtension_MarkThreadIdle();
    MallocExtension_ReleaseFreeMemory();
}

static uint64_t figure(const char *name) {
    size_t value = 0;
    return MallocExtension_GetNumericProperty(name, &value) ? value : 0;
}

static bool statistics(pb_allocator_statistics *statistics) {
    uint64_t heap = figure("generic.heap_size");
    uint64_t unmapped = figure("tcmalloc.pageheap_unmapped_bytes");
    *statistics = (pb_allocator_statistics){
        .allocated = figure("generic.current_allocated_bytes"),
        .active = heap - unmapped - figure("tcmalloc.pageheap_free_bytes"),
        .resident = heap - unmapped,
        .mapped = heap,
    };
    return heap != 0;
}

const pb_allocator *pb_tcmalloc_allocator(void) {
    static const pb_allocator allocator = {
        "tcmalloc", version, purge, statistics, tc_free_sized, pb_linked_system_calls, NULL,
    };
    return &allocator;
}
