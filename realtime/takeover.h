/* takeover.h - a new process of the same program takes the listening socket over, so that a deploy refuses
 * nobody.
 *
 * SIGUSR2 starts the binary that is at our own path now, with the socket as sd_listen_fds(3) hands sockets
 * over (descriptor 3, LISTEN_FDS, LISTEN_PID; so systemd may hold it as well). Both take connections
 * until the new one is ready: then it sends us SIGTERM, and we drain. One that dies first, or is not ready in
 * TAKEOVER_MS, changes nothing. Called by main.c; everything runs in the loop's thread.
 */
#ifndef REALTIME_TAKEOVER_H
#define REALTIME_TAKEOVER_H

#include "server.h"

#include <sys/types.h>

struct takeover {
    struct server *server;
    char **argv;
    pid_t successor;   /* 0: none is starting */
    pid_t predecessor; /* 0: we were not started by one */
    struct timer timer;
};

/* Takes what came with the process: the socket goes into s->listener. Before http_start. */
void takeover_init(struct takeover *t, struct server *s, char **argv);
void takeover_begin(struct takeover *t); /* SIGUSR2 */
void takeover_child(struct takeover *t); /* SIGCHLD */
void takeover_ready(struct takeover *t); /* clients may come: the predecessor may go */
/* The socket stays open elsewhere: who is here already need not be refused. */
bool takeover_done(const struct takeover *t);

#endif
