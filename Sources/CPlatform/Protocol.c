#define _GNU_SOURCE
#include "CPlatformProtocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

// Where protocol and record go.
static int output = STDOUT_FILENO;

void pb_keep_output(void) {
    int copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (copy < 0) return;
    output = copy;
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

void pb_end_with_parent(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // A parent that died before sends no signal; but a process closes its files before it leaves its children, so
    // nobody can read here any more.
    struct pollfd pipe = {.fd = output};
    if (poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR) != 0) _exit(1);
}

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
    // A library may have printed to the same place before `pb_keep_output`, without ending its line.
    static bool has_written;
    if (!has_written) write_all(output, "\n", 1);
    has_written = true;
    write_all(output, text, length);
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
