#include "CTcmalloc.h"

#include <gperftools/malloc_extension_c.h>

const char *pb_tcmalloc_version(void) { return "gperftools"; }
void pb_tcmalloc_purge(void) {
    MallocExtension_MarkThreadIdle();
    MallocExtension_ReleaseFreeMemory();
}
