// What a worker says to its driver and hears from it. No allocation anywhere; one thread at a time.
#ifndef CPLATFORM_PROTOCOL_H
#define CPLATFORM_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

// Keeps standard output for `pb_write_output` alone: what libraries print there goes to standard error from here on.
void pb_keep_output(void);
// Ends the process at once when its parent ends, or if it has ended already and standard output is a pipe to it.
void pb_end_with_parent(void);

// Writes to standard error, retrying.
void pb_write_error(const void *text, size_t length);
// Writes to what was standard output before `pb_keep_output`, retrying; the first time on a new line.
void pb_write_output(const void *text, size_t length);

// The line `ready WORDS`.
void pb_write_ready(uint64_t words);
// The line `slice WORDS NANOSECONDS LEFT`.
void pb_write_slice(uint64_t words, uint64_t nanoseconds, uint64_t left);
// The number on the next line of standard input; 0 at its end, or when the line is no number.
int64_t pb_read_number(void);

#endif
