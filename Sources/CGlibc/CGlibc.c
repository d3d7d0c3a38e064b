#include "CGlibc.h"

#include <gnu/libc-version.h>
#include <malloc.h>
#include <stdio.h>

const char *pb_glibc_version(void) {
    static char text[64];
    snprintf(text, sizeof text, "glibc %s", gnu_get_libc_version());
    return text;
}

void pb_glibc_purge(void) { malloc_trim(0); }
