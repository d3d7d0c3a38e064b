// What every shim module says about the library that answers the process's malloc. Cold calls only, but for
// `free_sized`.
#ifndef CPLATFORM_ALLOCATOR_H
#define CPLATFORM_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The library's own account of its heap in bytes; 0 where it has no such figure.
typedef struct {
    uint64_t allocated;  // handed out, as the library rounds it; caches of the threads may be counted in
    uint64_t active;     // in pages or spans that hold at least one object
    uint64_t resident;   // in pages that the library believes to be in physical memory
    uint64_t mapped;     // obtained from the system and not given back
} pb_allocator_statistics;

// Calls for memory of the system.
typedef struct {
    uint64_t maps, unmaps, advices;
} pb_system_calls;

typedef struct {
    // The library that the program is linked with: "glibc", "jemalloc", "tcmalloc".
    const char *name;
    // "name version" of the library whose code answers, asked of that library itself. Valid for the process's life.
    const char *(*version)(void);
    // Gives back to the system all unused memory that the library can, the calling thread's cache included.
    void (*purge)(void);
    // False, and `statistics` untouched, when the library that answers keeps none.
    bool (*statistics)(pb_allocator_statistics *statistics);
    // free() for a caller that knows the size it asked malloc, calloc or realloc for; not for aligned objects, whose
    // size class may be another. NULL where the library has none.
    void (*free_sized)(void *pointer, size_t size);
    // The library's calls of mmap, munmap and madvise since the process's start; what it takes by brk is not among
    // them. False where they cannot be counted.
    bool (*system_calls)(pb_system_calls *calls);
    // Takes what is free between objects of the calling thread's heap and keeps it, so that whoever allocates next finds
    // a heap like that of a program that has just begun. Once, after a purge. NULL where free memory hinders nobody.
    void (*occupy)(void);
} pb_allocator;

#endif
