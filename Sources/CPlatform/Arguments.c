#include "CPlatformArguments.h"

#include <stddef.h>

static char *const none[] = {NULL};
static char *const *arguments = none;

// glibc calls initialisers with the arguments of main.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    if (count > 0) arguments = values;
}

char *const *pb_arguments(void) { return arguments; }
