// Replays a stream of objects of one size over boost::pool, its unordered malloc and free.
//
//   g++ -O2 -DNDEBUG -o boost-pool boost-pool.cc && ./boost-pool STREAM [VARIANT...]
#include <boost/pool/pool.hpp>
#include <cstring>

static boost::pool<> *blocks;
static size_t block_size;

static void prepare(size_t largest_size) {
    block_size = largest_size;
    blocks = new boost::pool<>(largest_size);
}

static inline void *take(size_t size, size_t alignment, bool zeroed) {
    if (alignment > 16) return nullptr;
    void *object = blocks->malloc();
    if (zeroed && object != nullptr) memset(object, 0, size);
    return object;
}

static inline void give(void *object) { blocks->free(object); }

static inline void *change(void *object, size_t size) { return size <= block_size ? object : nullptr; }

#define PREPARES
#include "stream.h"

int main(int count, char **arguments) { return compare_main(count, arguments); }
