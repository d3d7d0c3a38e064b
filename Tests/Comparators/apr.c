// Replays a stream all of whose objects end with a scope over pools of the Apache Portable Runtime itself: one for each
// scope, made with its first object and destroyed with its end, all on one allocator without a lock.
//
//   gcc -O2 -o apr apr.c $(pkg-config --cflags --libs apr-1) && ./apr STREAM [VARIANT...]
#include <apr_general.h>
#include <apr_pools.h>
#include <stdbool.h>

static apr_allocator_t *allocator;
// As many scopes as a workload may have.
static apr_pool_t *pools[1 << 16];

static inline void *take_in(unsigned scope, size_t size, size_t alignment, bool zeroed) {
    if (alignment > 8) return NULL;
    if (pools[scope] == NULL && apr_pool_create_ex(&pools[scope], NULL, NULL, allocator) != APR_SUCCESS) return NULL;
    return zeroed ? apr_pcalloc(pools[scope], size) : apr_palloc(pools[scope], size);
}

static inline void end_scope(unsigned scope) {
    if (pools[scope] == NULL) return;
    apr_pool_destroy(pools[scope]);
    pools[scope] = NULL;
}

#define ENDS_SCOPES
#include "stream.h"

int main(int count, char **arguments) {
    if (apr_initialize() != APR_SUCCESS || apr_allocator_create(&allocator) != APR_SUCCESS) fail("no APR");
    return compare_main(count, arguments);
}
