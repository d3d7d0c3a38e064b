#define _GNU_SOURCE
#include "CPlatformCounters.h"

#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CACHE_EVENT(cache, operation, result) \
    ((uint64_t)(cache) | (uint64_t)(operation) << 8 | (uint64_t)(result) << 16)

static const struct {
    uint32_t type;
    uint64_t config;
} events[PB_COUNTER_COUNT] = {
    [PB_COUNTER_INSTRUCTIONS] = {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    [PB_COUNTER_CYCLES] = {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    [PB_COUNTER_L1D_MISSES] = {PERF_TYPE_HW_CACHE,
                               CACHE_EVENT(PERF_COUNT_HW_CACHE_L1D, PERF_COUNT_HW_CACHE_OP_READ,
                                           PERF_COUNT_HW_CACHE_RESULT_MISS)},
    [PB_COUNTER_LLC_MISSES] = {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    [PB_COUNTER_DTLB_MISSES] = {PERF_TYPE_HW_CACHE,
                                CACHE_EVENT(PERF_COUNT_HW_CACHE_DTLB, PERF_COUNT_HW_CACHE_OP_READ,
                                            PERF_COUNT_HW_CACHE_RESULT_MISS)},
};

// Each event is opened alone, not as a group: a processor with few counters then rotates them instead of refusing all.
static int open_event(pb_counter counter, bool inherit) {
    struct perf_event_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.size = sizeof attributes;
    attributes.type = events[counter].type;
    attributes.config = events[counter].config;
    attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    attributes.disabled = 1;
    attributes.inherit = inherit;
    // All that an unprivileged process may count (perf_event_paranoid 2).
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

bool pb_counters_open(pb_counters *counters, bool inherit) {
    memset(counters, 0, sizeof *counters);
    bool any = false;
    for (pb_counter i = 0; i < PB_COUNTER_COUNT; i++) {
        counters->files[i] = open_event(i, inherit);
        any |= counters->files[i] >= 0;
    }
    return any;
}

static bool read_event(int file, pb_counter_reading *reading) {
    return file >= 0 && read(file, reading, sizeof *reading) == sizeof *reading;
}

static void command_all(const pb_counters *counters, unsigned long request) {
    for (pb_counter i = 0; i < PB_COUNTER_COUNT; i++)
        if (counters->files[i] >= 0) ioctl(counters->files[i], request, 0);
}

// The kernel's own reset leaves the times and the counts of threads that have ended, so readings are subtracted.
void pb_counters_start(pb_counters *counters) {
    memset(counters->started, 0, sizeof counters->started);
    for (pb_counter i = 0; i < PB_COUNTER_COUNT; i++) read_event(counters->files[i], &counters->started[i]);
    command_all(counters, PERF_EVENT_IOC_ENABLE);
}

void pb_counters_stop(const pb_counters *counters) { command_all(counters, PERF_EVENT_IOC_DISABLE); }

bool pb_counters_read(const pb_counters *counters, pb_counter_values *values) {
    memset(values, 0, sizeof *values);
    bool any = false;
    for (pb_counter i = 0; i < PB_COUNTER_COUNT; i++) {
        const pb_counter_reading *start = &counters->started[i];
        pb_counter_reading now;
        if (!read_event(counters->files[i], &now) || now.running == start->running) continue;
        uint64_t counted = now.value - start->value;
        double share = (double)(now.running - start->running) / (double)(now.enabled - start->enabled);
        values->values[i] = share < 1 ? (uint64_t)((double)counted / share) : counted;
        values->available[i] = true;
        any = true;
    }
    return any;
}

void pb_counters_close(pb_counters *counters) {
    for (pb_counter i = 0; i < PB_COUNTER_COUNT; i++) {
        if (counters->files[i] >= 0) close(counters->files[i]);
        counters->files[i] = -1;
    }
}
