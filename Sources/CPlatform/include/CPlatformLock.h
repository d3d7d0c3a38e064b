// A lock of four bytes that lives in raw memory and blocks, for the slow paths of pools: Swift's Mutex can't be placed
// in mapped memory that outlives no scope, and a pthread mutex is ten times as large.
#ifndef CPLATFORM_LOCK_H
#define CPLATFORM_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// `word` is 0 when free. Out of line, so that the thread sanitizer sees the atomics. True if the caller had to wait.
bool pb_lock_acquire(uint32_t *word);
// Takes the lock if it is free; false if not. Does not wait.
bool pb_lock_try(uint32_t *word);
void pb_lock_release(uint32_t *word);

#endif
