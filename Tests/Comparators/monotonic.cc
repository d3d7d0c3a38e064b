// Replays a stream all of whose objects end with a scope over a std::pmr::monotonic_buffer_resource for each scope,
// which the scope's end releases and the next one uses again. Each has a first buffer that a release does not give up.
//
//   g++ -std=c++17 -O2 -o monotonic monotonic.cc && ./monotonic STREAM [VARIANT...]
#include <cstring>
#include <memory>
#include <memory_resource>

static constexpr size_t buffer_size = 64 << 10;

struct region {
    std::unique_ptr<char[]> buffer{new char[buffer_size]};
    std::pmr::monotonic_buffer_resource resource{buffer.get(), buffer_size};
};

static region *regions;

static inline void *take_in(unsigned scope, size_t size, size_t alignment, bool zeroed) {
    void *object = regions[scope].resource.allocate(size, alignment > 16 ? alignment : 16);
    if (zeroed) memset(object, 0, size);
    return object;
}

static inline void end_scope(unsigned scope) { regions[scope].resource.release(); }

#define ENDS_SCOPES
#include "stream.h"

int main(int count, char **arguments) {
    regions = new region[64];
    return compare_main(count, arguments);
}
