// Replays a stream all of whose objects end with a scope over a bump allocator: a chain of blocks for each scope, whose
// end rewinds to the first block and keeps the others.
//
//   gcc -O2 -o bump bump.c && ./bump STREAM [VARIANT...]
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct block {
    struct block *next;
    char *end;
    _Alignas(16) char data[];
} block;

typedef struct {
    char *cursor, *end;
    block *current, *first;
} arena;

enum { block_size = 1 << 20 };

// As many scopes as a workload may have.
static arena arenas[1 << 16];

static __attribute__((noinline)) void *take_from_next(arena *arena, size_t size) {
    block **link = arena->current == NULL ? &arena->first : &arena->current->next;
    if (*link == NULL || (size_t)((*link)->end - (*link)->data) < size) {
        size_t bytes = size > block_size - sizeof(block) ? size + sizeof(block) : block_size;
        block *fresh = aligned_alloc(16, bytes);
        if (fresh == NULL) return NULL;
        fresh->next = *link;
        fresh->end = (char *)fresh + bytes;
        *link = fresh;
    }
    arena->current = *link;
    arena->cursor = (*link)->data + size;
    arena->end = (*link)->end;
    return (*link)->data;
}

static inline void *take_in(unsigned scope, size_t size, size_t alignment, bool zeroed) {
    arena *arena = &arenas[scope];
    if (alignment > 16) return NULL;
    size_t rounded = (size + 15) & ~(size_t)15;
    void *object = arena->cursor;
    if (__builtin_expect(rounded > (size_t)(arena->end - arena->cursor), 0))
        object = take_from_next(arena, rounded);
    else
        arena->cursor += rounded;
    if (zeroed && object != NULL) memset(object, 0, size);
    return object;
}

static inline void end_scope(unsigned scope) {
    arena *arena = &arenas[scope];
    if (arena->first == NULL) return;
    arena->current = arena->first;
    arena->cursor = arena->first->data;
    arena->end = arena->first->end;
}

#define ENDS_SCOPES
#include "stream.h"

int main(int count, char **arguments) { return compare_main(count, arguments); }
