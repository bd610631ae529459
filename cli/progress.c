/* progress.c - the progress bar on stderr. Called by import.c; owns nothing. */
#include "config.h"

#include "progress.h"
#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

#define BAR 30

void progress_begin(struct progress *p, bool quiet, const char *label) {
    *p = (struct progress){.quiet = quiet, .tty = isatty(STDERR_FILENO) == 1};
    snprintf(p->label, sizeof p->label, "%s", label);
    p->begun_ms = clock_mono_ms();
}

static void bar_draw(const struct progress *p, double done, long rows) {
    char bar[BAR + 1];
    for (int i = 0; i < BAR; i++)
        bar[i] = i < (int)(done * BAR) ? '#' : '.';
    bar[BAR] = '\0';
    fprintf(stderr, "\r%-32s [%s] %3d %% %8ld rows", p->label, bar, (int)(done * 100), rows);
}

void progress_move(struct progress *p, double done, long rows) {
    uint64_t now = clock_mono_ms();
    if (p->quiet || !p->tty || now - p->drawn_ms < 100)
        return;
    p->drawn_ms = now;
    bar_draw(p, done < 1 ? done : 1, rows);
}

void progress_end(struct progress *p, long rows) {
    if (p->quiet)
        return;
    if (p->tty) {
        bar_draw(p, 1, rows);
        fputc('\n', stderr);
        return;
    }
    fprintf(stderr, "%s: %ld rows in %.1f s\n", p->label, rows,
            (double)(clock_mono_ms() - p->begun_ms) / 1000);
}
