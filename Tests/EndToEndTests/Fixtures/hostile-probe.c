// Meets a hostile library: takes objects of its size until it fails or 100,000 are held, then frees them all, and prints
// how many it got and how many bytes of theirs another object had overwritten.
//
//   hostile-probe SIZE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most = 100000 };
static unsigned char *held[most];

int main(int count, char **arguments) {
    size_t size = count > 1 ? (size_t)atol(arguments[1]) : 1;
    int got = 0;
    long overwritten = 0;
    while (got < most && (held[got] = malloc(size)) != NULL) {
        memset(held[got], got % 251, size);
        got++;
    }
    for (int i = 0; i < got; i++)
        for (size_t byte = 0; byte < size; byte++) overwritten += held[i][byte] != i % 251;
    for (int i = 0; i < got; i++) free(held[i]);
    // A second helping: what was freed can be had again.
    void *again = malloc(size);
    printf("got %d\noverwritten %ld\nagain %d\n", got, overwritten, again != NULL);
    free(again);
    return 0;
}
