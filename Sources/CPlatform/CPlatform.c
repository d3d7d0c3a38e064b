#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t pb_now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

uint64_t pb_process_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

// Looked up before anything runs, so that threads may ask without an order among them.
static size_t page_size;
__attribute__((constructor)) static void look_up_page_size(void) { page_size = (size_t)sysconf(_SC_PAGESIZE); }

size_t pb_page_size(void) { return page_size; }

static _Thread_local long map_limit = -1;
static _Thread_local intptr_t mapped;

void pb_limit_maps(long limit) { map_limit = limit; }

intptr_t pb_thread_mapped(void) { return mapped; }

static atomic_uint_fast64_t maps, unmaps, advices;
static void count(atomic_uint_fast64_t *calls) { atomic_fetch_add_explicit(calls, 1, memory_order_relaxed); }
static uint64_t calls(const atomic_uint_fast64_t *calls) { return atomic_load_explicit(calls, memory_order_relaxed); }

pb_system_calls pb_own_system_calls(void) { return (pb_system_calls){calls(&maps), calls(&unmaps), calls(&advices)}; }

// What the kernel makes of a length.
static intptr_t whole_pages(size_t bytes) { return (intptr_t)((bytes + page_size - 1) & ~(page_size - 1)); }

bool pb_may_map(void) {
    if (map_limit < 0) return true;
    if (map_limit == 0) return false;
    map_limit--;
    return true;
}

static void *map(size_t bytes, int flags) {
    if (!pb_may_map()) return NULL;
    count(&maps);
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    if (address == MAP_FAILED) return NULL;
    mapped += whole_pages(bytes);
    return address;
}

void *pb_map(size_t bytes, bool populate) { return map(bytes, populate ? MAP_POPULATE : 0); }

void *pb_reserve(size_t bytes) { return map(bytes, MAP_NORESERVE); }

void *pb_reserve_aligned(size_t bytes, size_t alignment) {
    if (bytes > SIZE_MAX - alignment) return NULL;
    char *address = pb_reserve(bytes + alignment);
    if (address == NULL) return NULL;
    size_t head = (size_t)(-(uintptr_t)address & (alignment - 1));
    if (head != 0) pb_unmap(address, head);
    pb_unmap(address + head + bytes, alignment - head);
    return address + head;
}

void pb_unmap(void *address, size_t bytes) {
    count(&unmaps);
    if (munmap(address, bytes) == 0) mapped -= whole_pages(bytes);
}

void *pb_remap(void *address, size_t old_bytes, size_t new_bytes) {
    if (!pb_may_map()) return NULL;
    void *moved = mremap(address, old_bytes, new_bytes, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) return NULL;
    mapped += whole_pages(new_bytes) - whole_pages(old_bytes);
    return moved;
}

void pb_discard(void *address, size_t bytes) {
    count(&advices);
    madvise(address, bytes, MADV_DONTNEED);
}

void pb_advise_huge(void *address, size_t bytes) {
    count(&advices);
    madvise(address, bytes, MADV_HUGEPAGE);
}

void pb_populate(void *address, size_t bytes) {
    // From Linux 5.14 on; older C libraries don't know it.
    enum { populate_write = 23 };
    static _Atomic bool is_refused;
    if (atomic_load_explicit(&is_refused, memory_order_relaxed)) return;
    uintptr_t mask = pb_page_size() - 1, start = ((uintptr_t)address + mask) & ~mask;
    uintptr_t end = ((uintptr_t)address + bytes) & ~mask;
    if (start >= end) return;
    count(&advices);
    if (madvise((void *)start, end - start, populate_write) != 0 && errno == EINVAL)
        atomic_store_explicit(&is_refused, true, memory_order_relaxed);
}

// The number of kB behind `name` at the start of a line, in bytes.
static uint64_t status_bytes(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, name, length) != 0) continue;
        uint64_t value = 0;
        for (const char *p = line + length; *p != '\0' && *p != '\n'; p++)
            if (*p >= '0' && *p <= '9') value = value * 10 + (uint64_t)(*p - '0');
        return value * 1024;
    }
    return 0;
}

pb_memory pb_process_memory(void) {
    pb_memory memory = {0};
    char text[4096];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) return memory;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return memory;
    text[length] = '\0';
    memory.anonymous = status_bytes(text, "RssAnon:");
    memory.file = status_bytes(text, "RssFile:");
    memory.shared = status_bytes(text, "RssShmem:");
    memory.peak = status_bytes(text, "VmHWM:");
    memory.space = status_bytes(text, "VmSize:");
    return memory;
}

pb_usage pb_process_usage(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return (pb_usage){0};
    return (pb_usage){(uint64_t)usage.ru_minflt, (uint64_t)usage.ru_majflt, (uint64_t)usage.ru_nvcsw,
                      (uint64_t)usage.ru_nivcsw};
}

bool pb_pin_to_cpu(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

bool pb_unpin(void) {
    cpu_set_t set;
    memset(&set, 0xff, sizeof set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

void pb_sleep_ns(uint64_t nanoseconds) {
    struct timespec rest = {(time_t)(nanoseconds / 1000000000u), (long)(nanoseconds % 1000000000u)};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {}
}

void pb_exit(int status) { _exit(status); }
