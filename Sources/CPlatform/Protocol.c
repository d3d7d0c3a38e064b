#include "CPlatformProtocol.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static void write_all(int file, const void *text, size_t length) {
    const char *next = text;
    while (length > 0) {
        ssize_t written = write(file, next, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        next += written;
        length -= (size_t)written;
    }
}

void pb_write_error(const void *text, size_t length) { write_all(STDERR_FILENO, text, length); }

void pb_write_output(const void *text, size_t length) {
    // A library may have printed to the same place without ending its line.
    static bool has_written;
    if (!has_written) write_all(STDOUT_FILENO, "\n", 1);
    has_written = true;
    write_all(STDOUT_FILENO, text, length);
}

// `value` behind a space, in decimal digits, at `end` and before; where that begins.
static char *number(char *end, uint64_t value) {
    do *--end = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    *--end = ' ';
    return end;
}

static char *word(char *end, const char *text) {
    size_t length = strlen(text);
    return memcpy(end - length, text, length);
}

void pb_write_ready(uint64_t words) {
    char line[32];
    char *end = line + sizeof line, *start = end;
    *--start = '\n';
    start = word(number(start, words), "ready");
    pb_write_output(start, (size_t)(end - start));
}

void pb_write_slice(uint64_t words, uint64_t nanoseconds, uint64_t left) {
    char line[80];
    char *end = line + sizeof line, *start = end;
    *--start = '\n';
    start = word(number(number(number(start, left), nanoseconds), words), "slice");
    pb_write_output(start, (size_t)(end - start));
}

int64_t pb_read_number(void) {
    int64_t value = 0;
    for (;;) {
        char c;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        if (c == '\n') return value;
        if (c < '0' || c > '9' || value > INT64_MAX / 16) return 0;
        value = value * 10 + (c - '0');
    }
}
