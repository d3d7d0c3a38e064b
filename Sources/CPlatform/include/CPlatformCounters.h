// Hardware counters of the calling thread through perf_event_open. No allocation anywhere.
#ifndef CPLATFORM_COUNTERS_H
#define CPLATFORM_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    PB_COUNTER_INSTRUCTIONS,
    PB_COUNTER_CYCLES,
    PB_COUNTER_L1D_MISSES,   // loads that missed the first-level data cache
    PB_COUNTER_LLC_MISSES,   // accesses that missed the last-level cache
    PB_COUNTER_DTLB_MISSES,  // loads that missed the data TLB
    PB_COUNTER_COUNT
} pb_counter;

// A counter as the kernel gives it: what it counted, and for how long of the time it was meant to it really ran.
typedef struct {
    uint64_t value, enabled, running;
} pb_counter_reading;

typedef struct {
    int files[PB_COUNTER_COUNT];  // -1 where the kernel or the processor offers none
    pb_counter_reading started[PB_COUNTER_COUNT];
} pb_counters;

typedef struct {
    // In user mode, from the last pb_counters_start to the last stop; scaled up where the processor had to share
    // one counter among several events.
    uint64_t values[PB_COUNTER_COUNT];
    bool available[PB_COUNTER_COUNT];
} pb_counter_values;

// Opens the counters for the calling thread, stopped; `inherit`: also for the threads that it starts afterwards.
// False when there is none at all, as in most virtual machines; the other calls then do nothing.
bool pb_counters_open(pb_counters *counters, bool inherit);
// Counts from 0 from here on.
void pb_counters_start(pb_counters *counters);
void pb_counters_stop(const pb_counters *counters);
// False, and nothing marked as available, when there is no counter.
bool pb_counters_read(const pb_counters *counters, pb_counter_values *values);
void pb_counters_close(pb_counters *counters);

#endif
