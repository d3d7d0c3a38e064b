// Proof of which mapped object's code answers malloc and free. Cold, callable at any time; may allocate.
#ifndef CPLATFORM_IDENTITY_H
#define CPLATFORM_IDENTITY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

// Real path of the mapped object that holds `function`, cut to `size` bytes with its terminating zero.
// False, and an empty path, when no object does.
bool pb_owner_of(const void *function, char *path, size_t size);

// GNU build-id of the mapped object that holds `function`, in lower-case hexadecimal, read from its notes in memory.
// False, and an empty text, when the object has none or `size` is too small.
bool pb_build_id_of(const void *function, char *text, size_t size);

typedef struct {
    // Objects that hold malloc and free as the process resolves them; empty when unknown.
    char malloc_owner[PATH_MAX], free_owner[PATH_MAX];
    // Of the object that holds malloc; empty when it has none.
    char build_id[129];
    // Whether calls compiled into this program reach the same two functions that a lookup by name finds.
    bool calls_reach_them;
} pb_malloc_identity;

// About 8 KiB: keep it out of small stacks.
void pb_identify_malloc(pb_malloc_identity *identity);

#endif
