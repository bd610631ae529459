/* takeover.h - a new process of the same program takes the listening socket over, so that a deploy
 * refuses nobody.
 *
 * SIGUSR2 starts the binary that is at our own path now, with the socket as sd_listen_fds(3) hands
 * sockets over (descriptor 3, LISTEN_FDS, LISTEN_PID; so systemd may hold it as well). All who come
 * are ours until the new one is ready: then it lets clients in too and sends us SIGTERM; we put its
 * positions page in the place of ours, and drain. One that dies first, or is not ready in
 * takeover_ms, changes nothing. Called by main.c; everything runs in the loop's thread.
 */
#ifndef REALTIME_TAKEOVER_H
#define REALTIME_TAKEOVER_H

#include "server.h"

#include <sys/types.h>

struct takeover {
    struct server *server;
    char **argv;
    pid_t successor;   /* 0: none is starting */
    bool given_up;     /* it was too late and dies: what it says does not count */
    pid_t predecessor; /* 0: there is none, or none any more */
    struct timer timer;
};

/* Takes what came with the process: the socket goes into s->listener. Before http_start. */
void takeover_init(struct takeover *t, struct server *s, char **argv);
void takeover_begin(struct takeover *t); /* SIGUSR2 */
/* SIGTERM drains. From the successor: it has the socket now. From anyone else: a successor that is
 * still starting is to end as well. */
void takeover_term(struct takeover *t, pid_t sender);
bool takeover_child(struct takeover *t); /* SIGCHLD; true: the successor has ended */
bool takeover_waits(struct takeover *t); /* the predecessor lives */
void takeover_ready(struct takeover *t); /* clients may come: the predecessor may go */

#endif
