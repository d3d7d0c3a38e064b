// Reads and replays one lane's operations from a file of little-endian 64-bit words, encoded as
// Sources/Workload/Stream/Operation.swift says. Written apart from the engine, to have something to compare it with.
// C and C++.
//
// The program that includes this file first defines what a subject is:
//   static inline void *take(size_t size, size_t alignment, bool zeroed);   alignment 0: any
//   static inline void give(void *object);
//   static inline void *change(void *object, size_t size);                  resize
// A subject that ends all objects of a scope at once defines the macro ENDS_SCOPES, and in place of those three
//   static inline void *take_in(unsigned scope, size_t size, size_t alignment, bool zeroed);
//   static inline void end_scope(unsigned scope);
// and serves streams all of whose objects end with a scope. One that has to know the largest object beforehand defines
// PREPARES and
//   static void prepare(size_t largest_size);
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

enum opcode {
    op_allocate, op_free, op_read, op_write, op_allocate_as, op_access_small, op_resize, op_scope_begin, op_scope_end,
    op_hand_over, op_mailbox, op_due, op_mark, op_thread_end, op_allocate_wide, opcode_count
};

enum touch { touch_none, touch_first, touch_pages, touch_all };

typedef struct {
    size_t alignment;
    bool zeroed;
    enum touch touch;
    unsigned scope;  // that ends the object, if the subject ends scopes
} variant;

enum { most_variants = 1 << 16 };

typedef struct {
    const uint64_t *words;
    size_t count;
    void **slots;
    size_t slot_count;
    uint64_t operations;  // nominal: allocations, frees, hand-overs, resizes, accesses
    size_t largest_size;
    unsigned last_scope;
    const variant *variants;
    size_t variant_count;
} stream;

static void fail(const char *what) __attribute__((noreturn));
static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void *resident_memory(size_t bytes) {
    void *memory =
        mmap(NULL, bytes == 0 ? 1 : bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) fail("out of memory");
    return memory;
}

static size_t words_of(unsigned opcode) {
    if (opcode == op_resize || opcode == op_mark) return 3;
    return opcode == op_allocate_wide || opcode == op_hand_over ? 2 : 1;
}

static uint64_t size_of(const uint64_t *words) {
    switch (*words & 15) {
    case op_allocate:
    case op_allocate_as: return *words >> 34;
    case op_allocate_wide: return words[1];
    case op_resize: return words[2];
    default: return 0;
    }
}

// The slot of an operation that has one.
static uint64_t slot_of(uint64_t word) {
    switch (word & 15) {
    case op_allocate:
    case op_allocate_as: return word >> 10 & 0xFFFFFF;
    case op_resize:
    case op_hand_over:
    case op_allocate_wide: return word >> 20;
    default: return word >> 10;
    }
}

static bool has_slot(unsigned opcode) {
    switch (opcode) {
    case op_scope_begin:
    case op_scope_end:
    case op_mailbox:
    case op_due:
    case op_mark:
    case op_thread_end: return false;
    default: return true;
    }
}

static stream load(const char *path, const variant *variants, size_t variant_count) {
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (file == NULL || fstat(fileno(file), &status) != 0) fail("the stream cannot be read");
    stream stream;
    memset(&stream, 0, sizeof stream);
    stream.count = (size_t)status.st_size / sizeof(uint64_t);
    stream.variants = variants;
    stream.variant_count = variant_count;
    uint64_t *words = (uint64_t *)resident_memory((stream.count + 1) * sizeof(uint64_t));
    if (fread(words, sizeof(uint64_t), stream.count, file) != stream.count) fail("the stream cannot be read");
    fclose(file);
    stream.words = words;
    for (size_t i = 0; i < stream.count; i += words_of(words[i] & 15)) {
        unsigned opcode = words[i] & 15;
        if (opcode >= opcode_count || i + words_of(opcode) > stream.count) fail("the file is no stream");
        bool as = opcode == op_allocate_as || opcode == op_allocate_wide || opcode == op_resize;
        uint64_t index = opcode == op_allocate_as ? words[i] >> 4 & 63 : words[i] >> 4 & 0xFFFF;
        if (as && index >= variant_count) fail("the stream uses a variant that was not given");
        if (opcode == op_scope_end && (words[i] >> 4 & 0xFFFF) > stream.last_scope)
            stream.last_scope = (unsigned)(words[i] >> 4 & 0xFFFF);
        if (!has_slot(opcode)) continue;
        stream.operations++;
        if (slot_of(words[i]) >= stream.slot_count) stream.slot_count = slot_of(words[i]) + 1;
        if (size_of(words + i) > stream.largest_size) stream.largest_size = size_of(words + i);
    }
    // Not from a page's start on, where a subject's first object may lie in its page, as in the engine.
    stream.slots = (void **)resident_memory((264 + stream.slot_count) * sizeof(void *)) + 264;
    return stream;
}

static inline void escape(void *object) { __asm__ volatile("" : : "r"(object) : "memory"); }

// `first` if `condition` holds, else `second`, without a branch.
static inline void *choose(bool condition, void *first, void *second) {
    uintptr_t mask = -(uintptr_t)condition;
    __asm__("" : "+r"(mask));
    return (void *)(((uintptr_t)first & mask) | ((uintptr_t)second & ~mask));
}

// Writes what `touch` asks for into the bytes from `from` up to `size`.
static inline __attribute__((always_inline)) void touch_object(char *object, size_t from, size_t size, enum touch touch) {
    switch (touch) {
    case touch_none: break;
    case touch_first:
        if (from == 0) {
            uint64_t word = 1;
            if (size >= sizeof word)
                memcpy(object, &word, sizeof word);
            else if (size > 0)
                object[0] = 1;
        }
        break;
    case touch_pages:
        for (size_t i = from; i < size; i += 4096) object[i] = 1;
        break;
    case touch_all:
        if (from < size) memset(object + from, 1, size - from);
        break;
    }
    escape(object);
}

// Inlined, so that what is known of the plain variant costs nothing. `scope` is looked at by subjects that end scopes.
static inline __attribute__((always_inline)) void *allocate(size_t size, const variant *variant, unsigned scope) {
#ifdef ENDS_SCOPES
    void *object = take_in(scope, size, variant->alignment, variant->zeroed);
#else
    (void)scope;
    void *object = take(size, variant->alignment, variant->zeroed);
#endif
    if (object == NULL) fail("out of memory");
    touch_object((char *)object, 0, size, variant->touch);
    return object;
}

// Of the plain variant and at least 8 bytes.
static inline __attribute__((always_inline)) void *allocate_plain(size_t size, unsigned scope) {
    static const variant plain = {0, false, touch_first, 0};
    if (size < 8) __builtin_unreachable();
    return allocate(size, &plain, scope);
}

// Replays from word `*next` on to the first operation at or behind word `limit`, and says there where that is.
// Nanoseconds that it took. Objects that the stream leaves alive stay in their slots.
static uint64_t replay(const stream *stream, size_t *next, size_t limit) {
    const variant *variants = stream->variants;
    void **slots = stream->slots;
    // Not at a multiple of 16, where objects begin.
    void *idle = slots - 231;
    const uint64_t *word = stream->words + *next, *end = stream->words + limit;
    struct timespec begin, done;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    // Loaded an operation ahead, as the engine's loop does.
    uint64_t coming = *word;
    while (word < end) {
        uint64_t first = coming;
        coming = word[1];
        // As the engine's loop does.
        __builtin_prefetch(word + 256);
        // The two that are most of every stream stand before the jump table.
        if (__builtin_expect((first & 15) == op_allocate, 1)) {
            slots[first >> 10 & 0xFFFFFF] = allocate_plain(first >> 34, variants[first >> 4 & 63].scope);
            word++;
            continue;
        }
#ifndef ENDS_SCOPES
        if (__builtin_expect((first & 15) == op_free, 1)) {
            give(slots[first >> 10]);
            word++;
            continue;
        }
#endif
        switch (first & 15) {
        case op_read:
        case op_write: {
            // A load and a store, one of them of the object, as in the engine's loop: whether it is read or written is
            // drawn at random, and a branch would be guessed wrong every other time.
            bool is_write = first & 1;
            char *object = (char *)slots[first >> 10];
            uint64_t value;
            memcpy(&value, choose(is_write, idle, object), sizeof value);
            __asm__ volatile("" : : "r"(value));
            memcpy(choose(is_write, object, idle), &first, sizeof first);
            escape(object);
            word++;
            break;
        }
        case op_access_small: {
            unsigned char *object = (unsigned char *)slots[first >> 10];
            for (size_t i = 0; i < (first >> 5 & 7); i++) {
                if (first >> 4 & 1)
                    object[i] = 1;
                else
                    __asm__ volatile("" : : "r"(object[i]));
            }
            escape(object);
            word++;
            break;
        }
        case op_allocate_as:
            slots[first >> 10 & 0xFFFFFF] =
                allocate(first >> 34, &variants[first >> 4 & 63], variants[first >> 4 & 63].scope);
            word++;
            break;
        case op_allocate_wide:
            slots[first >> 20] =
                allocate(word[1], &variants[first >> 4 & 0xFFFF], variants[first >> 4 & 0xFFFF].scope);
            word += 2;
            coming = *word;
            break;
#ifdef ENDS_SCOPES
        case op_scope_end:
            end_scope((unsigned)(first >> 4 & 0xFFFF));
            word += 1 + (first >> 20);
            coming = *word;
            break;
        case op_resize: fail("this subject ends scopes and nothing else");
#else
        case op_resize: {
            char *object = (char *)change(slots[first >> 20], word[2]);
            if (object == NULL) fail("out of memory");
            touch_object(object, word[1], word[2], variants[first >> 4 & 0xFFFF].touch);
            slots[first >> 20] = object;
            word += 3;
            coming = *word;
            break;
        }
        case op_hand_over:
            // There is no other lane here: the owner frees.
            give(slots[first >> 20]);
            word += 2;
            coming = *word;
            break;
#endif
        case op_mark:
            word += 3;
            coming = *word;
            break;
        default: word++; break;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &done);
    *next = (size_t)(word - stream->words);
    return (uint64_t)(done.tv_sec - begin.tv_sec) * 1000000000u + (uint64_t)(done.tv_nsec - begin.tv_nsec);
}

// Frees what the stream leaves alive.
static void drain(const stream *stream) {
#ifdef ENDS_SCOPES
    for (unsigned scope = 0; scope <= stream->last_scope; scope++) end_scope(scope);
#else
    bool *alive = (bool *)resident_memory(stream->slot_count);
    for (size_t i = 0; i < stream->count; i += words_of(stream->words[i] & 15)) {
        unsigned opcode = stream->words[i] & 15;
        if (opcode == op_allocate || opcode == op_allocate_as || opcode == op_allocate_wide)
            alive[slot_of(stream->words[i])] = true;
        if (opcode == op_free || opcode == op_hand_over) alive[slot_of(stream->words[i])] = false;
    }
    for (size_t slot = 0; slot < stream->slot_count; slot++)
        if (alive[slot]) give(stream->slots[slot]);
    munmap(alive, stream->slot_count);
#endif
}

// `malloc:first`, `calloc:all`, `aligned(64):none`; with `@1` behind it, of an object that scope 1 ends.
static variant parse_variant(const char *text) {
    variant variant = {0, strncmp(text, "calloc:", 7) == 0, touch_first, 0};
    if (sscanf(text, "aligned(%zu)", &variant.alignment) != 1 && !variant.zeroed && strncmp(text, "malloc:", 7) != 0)
        fail("a variant is malloc:TOUCH, calloc:TOUCH or aligned(N):TOUCH");
    const char *touch = strrchr(text, ':'), *scope = strchr(text, '@');
    if (scope != NULL) variant.scope = (unsigned)atoi(scope + 1);
    static const char *const names[] = {":none", ":first", ":pages", ":all"};
    for (int i = 0; i < 4; i++)
        if (touch != NULL && strncmp(touch, names[i], strlen(names[i])) == 0) {
            variant.touch = (enum touch)i;
            return variant;
        }
    fail("a touch is none, first, pages or all");
}

// Replays slices as standard input says, in the words of a worker that takes turns: Session+Slices.swift.
static void replay_in_slices(const stream *stream) {
    char line[32];
    size_t next = 0;
    printf("ready %zu\n", stream->count);
    while (next < stream->count) {
        size_t first = next, limit = stream->count;
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) != NULL) {
            size_t words = strtoul(line, NULL, 10);
            if (words > 0 && words < limit - first) limit = first + words;
        }
        uint64_t nanoseconds = replay(stream, &next, limit);
        printf("slice %zu %llu %zu\n", next - first, (unsigned long long)nanoseconds, stream->count - next);
    }
    fflush(stdout);
    // The process ends in nobody else's slice.
    if (fgets(line, sizeof line, stdin) == NULL) return;
}

// One untimed replay, then a timed one, as a worker's throughput pass does; prints `ops`, `wall_ns`, `ns_per_op`. With
// --step the timed one goes slice by slice, and those are what is printed.
static int compare_main(int count, char **arguments) {
    bool steps = count > 1 && strcmp(arguments[1], "--step") == 0;
    if (steps) count--, arguments++;
    if (count < 2) fail("usage: PROGRAM [--step] STREAM [VARIANT...]");
    size_t variant_count = (size_t)count - 2;
    // Variants that are not given are plain, and of scope 0.
    variant *variants = (variant *)resident_memory(most_variants * sizeof *variants);
    for (size_t i = 0; i < variant_count; i++) variants[i] = parse_variant(arguments[i + 2]);
    stream stream = load(arguments[1], variants, variant_count);
#ifdef PREPARES
    prepare(stream.largest_size);
#endif
    size_t next = 0;
    replay(&stream, &next, stream.count);
    drain(&stream);
    if (steps) {
        replay_in_slices(&stream);
        return 0;
    }
    next = 0;
    uint64_t nanoseconds = replay(&stream, &next, stream.count);
    drain(&stream);
    printf("ops %llu\nwall_ns %llu\nns_per_op %.3f\n", (unsigned long long)stream.operations,
           (unsigned long long)nanoseconds, (double)nanoseconds / (double)stream.operations);
    return 0;
}

#endif
