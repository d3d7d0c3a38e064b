// Replays a stream all of whose objects end with a scope over memory contexts that do what PostgreSQL's AllocSet does, in
// plain C: a context for each scope, below one for all; chunks of powers of two from blocks that double; deleted contexts
// wait in a cache. What a pool in Swift of the same algorithm is held against.
//
//   gcc -O2 -o aset aset.c && ./aset STREAM [VARIANT...]
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { lists = 11, largest_chunk = 8192, initial_block = 8192, most_cached = 100 };
static const size_t largest_block = 8 << 20;

typedef struct context context;

// What the original calls a context's kind by.
typedef struct {
    void *(*allocate)(context *, size_t);
    void (*reset)(context *);
    void (*delete)(context *);
} methods;

struct context {
    unsigned kind;
    bool is_reset;
    context *parent, *first_child, *previous_child, *next_child;
};

typedef struct block {
    struct set *set;
    struct block *previous, *next;
    char *free, *end;
} block;

typedef struct set {
    context context;
    block *blocks;
    void *free_chunks[lists];
    size_t next_block, chunk_limit;
    block *keeper;
} set;

static const methods kinds[];
static set *cached;
static int cached_count;
static context top;

// As many scopes as a workload may have.
static context *contexts[1 << 16];

static inline int list_of(size_t size) {
    return size <= 8 ? 0 : 64 - 3 - __builtin_clzll((unsigned long long)size - 1);
}

static inline void *cut(block *block, int list) {
    uint64_t *chunk = (uint64_t *)block->free;
    block->free += (8u << list) + 8;
    *chunk = (uint64_t)((char *)chunk - (char *)block) << 34 | (uint64_t)list << 5 | 3;
    return chunk + 1;
}

static void carve_tail(set *set) {
    block *block = set->blocks;
    for (size_t room; (room = (size_t)(block->end - block->free)) >= 16;) {
        int list = 64 - 4 - __builtin_clzll((unsigned long long)(room - 8));
        if (list >= lists) list = lists - 1;
        void **object = cut(block, list);
        *object = set->free_chunks[list];
        set->free_chunks[list] = object;
    }
}

static __attribute__((noinline)) void *allocate_in_new_block(set *set, int list) {
    carve_tail(set);
    size_t bytes = set->next_block, least = (8u << list) + 8 + sizeof(block);
    set->next_block = bytes * 2 < largest_block ? bytes * 2 : largest_block;
    while (bytes < least) bytes *= 2;
    block *fresh = malloc(bytes);
    if (fresh == NULL) return NULL;
    *fresh = (block){set, NULL, set->blocks, (char *)(fresh + 1), (char *)fresh + bytes};
    set->blocks->previous = fresh;
    set->blocks = fresh;
    return cut(fresh, list);
}

static __attribute__((noinline)) void *allocate_alone(set *set, size_t size) {
    size_t bytes = sizeof(block) + 8 + ((size + 7) & ~(size_t)7);
    block *alone = malloc(bytes), *head = set->blocks;
    if (alone == NULL) return NULL;
    *alone = (block){set, head, head->next, (char *)alone + bytes, (char *)alone + bytes};
    if (head->next != NULL) head->next->previous = alone;
    head->next = alone;
    uint64_t *chunk = (uint64_t *)(alone + 1);
    *chunk = 1u << 4 | 3;
    return chunk + 1;
}

static void *set_allocate(context *context, size_t size) {
    set *own = (set *)context;
    if (size > own->chunk_limit) return allocate_alone(own, size);
    int list = list_of(size);
    void *chunk = own->free_chunks[list];
    if (chunk != NULL) {
        own->free_chunks[list] = *(void **)chunk;
        return chunk;
    }
    block *block = own->blocks;
    if (block->end - block->free < (ptrdiff_t)((8u << list) + 8)) return allocate_in_new_block(own, list);
    return cut(block, list);
}

static void set_reset(context *context) {
    set *own = (set *)context;
    memset(own->free_chunks, 0, sizeof own->free_chunks);
    for (block *next, *visited = own->blocks; visited != NULL; visited = next) {
        next = visited->next;
        if (visited != own->keeper) free(visited);
    }
    block *keeper = own->keeper;
    *keeper = (block){own, NULL, NULL, (char *)(keeper + 1), keeper->end};
    own->blocks = keeper;
    own->next_block = initial_block;
}

static void set_delete(context *context) {
    set *own = (set *)context;
    if (!context->is_reset) set_reset(context);
    context->is_reset = true;
    if (cached_count >= most_cached) {
        while (cached != NULL) {
            set *next = (set *)cached->context.next_child;
            free(cached);
            cached = next;
        }
        cached_count = 0;
    }
    context->next_child = (struct context *)cached;
    cached = own;
    cached_count++;
}

static const methods kinds[] = {[3] = {set_allocate, set_reset, set_delete}};

static context *create(context *parent) {
    set *own = cached;
    if (own != NULL) {
        cached = (set *)own->context.next_child;
        cached_count--;
    } else {
        if ((own = malloc(initial_block)) == NULL) return NULL;
        block *keeper = (block *)(own + 1);
        *own = (set){.context.kind = 3, .chunk_limit = largest_chunk, .keeper = keeper};
        keeper->end = (char *)own + initial_block;
        set_reset(&own->context);
    }
    context *context = &own->context;
    context->is_reset = true;
    context->parent = parent;
    context->previous_child = NULL;
    context->next_child = parent->first_child;
    if (parent->first_child != NULL) parent->first_child->previous_child = context;
    parent->first_child = context;
    return context;
}

static inline void *take_in(unsigned scope, size_t size, size_t alignment, bool zeroed) {
    if (alignment > 8 || size >= 1 << 30) return NULL;
    context *context = contexts[scope];
    if (context == NULL && (contexts[scope] = context = create(&top)) == NULL) return NULL;
    context->is_reset = false;
    void *object = kinds[context->kind].allocate(context, size);
    if (zeroed && object != NULL) memset(object, 0, size);
    return object;
}

static inline void end_scope(unsigned scope) {
    context *context = contexts[scope];
    if (context == NULL) return;
    contexts[scope] = NULL;
    if (context->previous_child != NULL) context->previous_child->next_child = context->next_child;
    else context->parent->first_child = context->next_child;
    if (context->next_child != NULL) context->next_child->previous_child = context->previous_child;
    kinds[context->kind].delete(context);
}

#define ENDS_SCOPES
#include "stream.h"

int main(int count, char **arguments) { return compare_main(count, arguments); }
