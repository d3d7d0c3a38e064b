#ifndef CPLATFORM_SIZES_H
#define CPLATFORM_SIZES_H

#include <stddef.h>
#include <stdint.h>

// Which power of two from 8 to 8,192 holds a size. By a table, since the instruction that finds the highest bit takes
// some processors as long as all else of an allocation, and here because a constant of Swift's is set up when first used.

/// For up to 8, 16, 32, … 8,192 bytes 0, 1, 2, … 10. Undefined for more.
static inline size_t pb_power_class(size_t size) {
    static const uint8_t classes[1025] = {
        [0 ... 1] = 0,     [2 ... 2] = 1,     [3 ... 4] = 2,     [5 ... 8] = 3,      [9 ... 16] = 4,      [17 ... 32] = 5,
        [33 ... 64] = 6,   [65 ... 128] = 7,  [129 ... 256] = 8, [257 ... 512] = 9,  [513 ... 1024] = 10,
    };
    return classes[(size + 7) >> 3];
}

#endif
