/* guard.h - what the two programs of the guard share: paths that are run while callgrind counts.
 *
 * Without callgrind they run all the same and count nothing. Time stands still and randomness is a
 * sequence (guard.c), so that two runs differ by nothing that the product does.
 */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <stdint.h>
#include <valgrind/callgrind.h>

struct path {
    const char *name;      /* as in the baseline */
    unsigned messages;     /* what one run does, so often: the figure is for one of them */
    void (*prepare)(void); /* once, before the first run; may be NULL */
    void (*run)(void);     /* counts what it puts into COUNTED, and nothing else */
    void (*end)(void);     /* may be NULL */
};

#define COUNTED(what)                                                                              \
    do {                                                                                           \
        CALLGRIND_TOGGLE_COLLECT;                                                                  \
        what;                                                                                      \
        CALLGRIND_TOGGLE_COLLECT;                                                                  \
    } while (0)

/* Runs each path up to the row without a name, some times before and GUARD_RUNS times for the
 * count; prints "path NAME MESSAGES", with all messages of the counted runs. */
#define GUARD_RUNS 30
void guard_paths(const struct path *paths);

/* A folder of the program's own, with the one key of its tokens in it; removed at the end. */
const char *guard_folder(void);
void guard_folder_remove(void);

/* The clocks are now so much later. */
void guard_later(unsigned ms);

#endif
