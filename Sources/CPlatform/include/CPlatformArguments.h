// The program's arguments, whatever its libraries have done before main.
#ifndef CPLATFORM_ARGUMENTS_H
#define CPLATFORM_ARGUMENTS_H

// Swift finds its CommandLine.arguments by walking up from `environ`, and finds none at all once a library has set a
// variable while it was loaded, as gperftools does. What the C library passes to initialisers does not depend on that.
//
// The first is the program's name; the array ends with NULL.
char *const *pb_arguments(void);

#endif
