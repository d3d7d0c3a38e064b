// Functions of the program's own in place of the C library's mmap, munmap and madvise, which count and then ask the
// kernel: libraries whose calls go through their linkage tables reach these. The C library's own calls, those of its
// malloc among them, do not.
#ifndef CSYSTEMCALLS_H
#define CSYSTEMCALLS_H

#include "CPlatformAllocator.h"

// The calls that reached them since the process's start. Always true: a shim's `system_calls` where it holds for the
// library that answers.
bool pb_linked_system_calls(pb_system_calls *calls);

#endif
