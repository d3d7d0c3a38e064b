// Replays a stream all of whose objects end with a scope over pools that do what nginx's do, in plain C: a pool for each
// scope, made with its first object and destroyed with its end; equal blocks from malloc, of which one is skipped on its
// sixth failure; larger objects from malloc. What a pool in Swift of the same algorithm is held against.
//
//   gcc -O2 -DBLOCK=4096 -o nginx nginx.c && ./nginx STREAM [VARIANT...]
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct block {
    char *last, *end;
    struct block *next;
    size_t failures;
} block;

typedef struct large {
    struct large *next;
    void *object;
} large;

typedef struct {
    block first;
    size_t largest_small;
    block *current;
    large *large;
    void *unused[3];
} pool;

// As many scopes as a workload may have.
static pool *pools[1 << 16];

static pool *create(void) {
    pool *pool = malloc(BLOCK);
    if (pool == NULL) return NULL;
    pool->first = (block){(char *)(pool + 1), (char *)pool + BLOCK, NULL, 0};
    pool->largest_small = BLOCK - sizeof *pool < 4095 ? BLOCK - sizeof *pool : 4095;
    pool->current = &pool->first;
    pool->large = NULL;
    return pool;
}

static __attribute__((noinline)) void *take_from_new_block(pool *pool, size_t size) {
    block *fresh = malloc(BLOCK);
    if (fresh == NULL) return NULL;
    char *object = (char *)(fresh + 1);
    *fresh = (block){object + size, (char *)fresh + BLOCK, NULL, 0};
    block *visited = pool->current;
    for (; visited->next != NULL; visited = visited->next)
        if (visited->failures++ > 4) pool->current = visited->next;
    visited->next = fresh;
    return object;
}

static inline __attribute__((always_inline)) void *take_small(pool *pool, size_t size) {
    block *visited = pool->current;
    do {
        char *object = (char *)(((uintptr_t)visited->last + 7) & ~(uintptr_t)7);
        if ((ptrdiff_t)size <= visited->end - object) {
            visited->last = object + size;
            return object;
        }
        visited = visited->next;
    } while (visited != NULL);
    return take_from_new_block(pool, size);
}

static __attribute__((noinline)) void *take_large(pool *pool, size_t size) {
    void *object = malloc(size);
    int looked = 0;
    for (large *node = pool->large; node != NULL && looked++ < 5; node = node->next)
        if (node->object == NULL) return node->object = object;
    large *node = take_small(pool, sizeof *node);
    if (object == NULL || node == NULL) return NULL;
    *node = (large){pool->large, object};
    pool->large = node;
    return object;
}

static inline void *take_in(unsigned scope, size_t size, size_t alignment, bool zeroed) {
    if (alignment > 8) return NULL;
    pool *pool = pools[scope];
    if (pool == NULL && (pools[scope] = pool = create()) == NULL) return NULL;
    void *object = size <= pool->largest_small ? take_small(pool, size) : take_large(pool, size);
    if (zeroed && object != NULL) memset(object, 0, size);
    return object;
}

static inline void end_scope(unsigned scope) {
    pool *pool = pools[scope];
    if (pool == NULL) return;
    for (large *node = pool->large; node != NULL; node = node->next) free(node->object);
    for (block *next, *visited = &pool->first; visited != NULL; visited = next) {
        next = visited->next;
        free(visited);
    }
    pools[scope] = NULL;
}

#define ENDS_SCOPES
#include "stream.h"

int main(int count, char **arguments) { return compare_main(count, arguments); }
