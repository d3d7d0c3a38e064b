#define _GNU_SOURCE
#include "CPlatformIdentity.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// One mapped object, looked for by an address inside it.
typedef struct {
    uintptr_t address;
    bool found;
    char name[PATH_MAX];  // empty: the program itself
    uint8_t build_id[64];
    size_t build_id_length;
} mapped_object;

static size_t padded(size_t bytes, size_t alignment) { return (bytes + alignment - 1) & ~(alignment - 1); }

// Takes the build-id out of a segment of notes: each a header, a name and a descriptor, both padded.
static void read_notes(const uint8_t *note, const ElfW(Phdr) *segment, mapped_object *object) {
    const uint8_t *end = note + segment->p_memsz;
    size_t alignment = segment->p_align == 8 ? 8 : 4;
    while ((size_t)(end - note) >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *header = (const ElfW(Nhdr) *)note;
        size_t descriptor = padded(sizeof *header + header->n_namesz, alignment);
        size_t length = padded(descriptor + header->n_descsz, alignment);
        if (descriptor + header->n_descsz > (size_t)(end - note)) return;
        if (header->n_type == NT_GNU_BUILD_ID && header->n_namesz == sizeof ELF_NOTE_GNU
            && memcmp(note + sizeof *header, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0
            && header->n_descsz <= sizeof object->build_id) {
            memcpy(object->build_id, note + descriptor, header->n_descsz);
            object->build_id_length = header->n_descsz;
            return;
        }
        if (length > (size_t)(end - note)) return;
        note += length;
    }
}

static int visit(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    mapped_object *object = context;
    bool inside = false;
    for (int i = 0; i < info->dlpi_phnum && !inside; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        inside = segment->p_type == PT_LOAD && object->address - (info->dlpi_addr + segment->p_vaddr) < segment->p_memsz;
    }
    if (!inside) return 0;
    object->found = true;
    strncpy(object->name, info->dlpi_name, sizeof object->name - 1);
    for (int i = 0; i < info->dlpi_phnum && object->build_id_length == 0; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            read_notes((const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), &info->dlpi_phdr[i], object);
    return 1;
}

static bool find_object(const void *address, mapped_object *object) {
    memset(object, 0, sizeof *object);
    object->address = (uintptr_t)address;
    if (address != NULL) dl_iterate_phdr(visit, object);
    return object->found;
}

bool pb_owner_of(const void *function, char *path, size_t size) {
    if (size == 0) return false;
    path[0] = '\0';
    mapped_object object;
    if (!find_object(function, &object)) return false;
    char real[PATH_MAX];
    // The loader names the program itself by no path, and every other object by the path that it was asked for.
    if (realpath(object.name[0] == '\0' ? "/proc/self/exe" : object.name, real) == NULL)
        memcpy(real, object.name, sizeof real);
    size_t length = strlen(real);
    if (length >= size) length = size - 1;
    memcpy(path, real, length);
    path[length] = '\0';
    return true;
}

bool pb_build_id_of(const void *function, char *text, size_t size) {
    if (size == 0) return false;
    text[0] = '\0';
    mapped_object object;
    if (!find_object(function, &object) || object.build_id_length == 0) return false;
    if (size < 2 * object.build_id_length + 1) return false;
    for (size_t i = 0; i < object.build_id_length; i++) {
        text[2 * i] = "0123456789abcdef"[object.build_id[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[object.build_id[i] & 15];
    }
    text[2 * object.build_id_length] = '\0';
    return true;
}

void pb_identify_malloc(pb_malloc_identity *identity) {
    const void *found_malloc = dlsym(RTLD_DEFAULT, "malloc");
    const void *found_free = dlsym(RTLD_DEFAULT, "free");
    pb_owner_of(found_malloc, identity->malloc_owner, sizeof identity->malloc_owner);
    pb_owner_of(found_free, identity->free_owner, sizeof identity->free_owner);
    pb_build_id_of(found_malloc, identity->build_id, sizeof identity->build_id);
    identity->calls_reach_them = found_malloc == (const void *)malloc && found_free == (const void *)free;
}
