#include "CJemalloc.h"

#include <jemalloc/jemalloc.h>
#include <stdio.h>

const char *pb_jemalloc_version(void) { return "jemalloc"; }
void pb_jemalloc_purge(void) { mallctl("arena.4096.purge", NULL, NULL, NULL, 0); }
