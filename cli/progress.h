/* progress.h - how far a long command is: a bar on a terminal, plain lines elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool quiet, tty;
    char label[48];
    uint64_t begun_ms, drawn_ms;
};

void progress_begin(struct progress *p, bool quiet, const char *label);
/* `done` from 0 to 1; draws at most ten times a second. */
void progress_move(struct progress *p, double done, long rows);
void progress_end(struct progress *p, long rows);

#endif
