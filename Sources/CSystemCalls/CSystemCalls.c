#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// Calls since the start. Static and constant until the first: sound before any initialiser has run.
static atomic_uint_fast64_t maps, unmaps, advices;

// As the C library's, which asks the kernel and no more. The library's own are not looked up: that may allocate, and
// these are called while malloc starts up.
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    atomic_fetch_add_explicit(&maps, 1, memory_order_relaxed);
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

// Where `off_t` has 64 bits, one and the same.
_Static_assert(sizeof(off_t) == 8 && sizeof(long) == 8, "the kernel's mmap takes an offset of 64 bits");
void *mmap64(void *address, size_t length, int protection, int flags, int file, off64_t offset) {
    return mmap(address, length, protection, flags, file, offset);
}

int munmap(void *address, size_t length) {
    atomic_fetch_add_explicit(&unmaps, 1, memory_order_relaxed);
    return (int)syscall(SYS_munmap, address, length);
}

int madvise(void *address, size_t length, int advice) {
    atomic_fetch_add_explicit(&advices, 1, memory_order_relaxed);
    return (int)syscall(SYS_madvise, address, length, advice);
}

bool pb_linked_system_calls(pb_system_calls *calls) {
    *calls = (pb_system_calls){
        .maps = atomic_load_explicit(&maps, memory_order_relaxed),
        .unmaps = atomic_load_explicit(&unmaps, memory_order_relaxed),
        .advices = atomic_load_explicit(&advices, memory_order_relaxed),
    };
    return true;
}
