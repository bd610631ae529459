/* takeover.c - see takeover.h. */
#include "config.h"

#include "takeover.h"

#include "base/log.h"
#include "base/str.h"
#include "data/positions.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LISTEN_FD    3
#define PREDECESSOR  "SIDECAR_PREDECESSOR" /* deploy/setup/supervise.sh knows a successor by it */
#define NOT_EXECUTED 127

/* ------------------------------------------------------------------ the new one */

static pid_t pid_in(const char *name) {
    long long pid = 0;
    return str_to_int64(getenv(name), &pid) ? (pid_t)pid : 0;
}

void takeover_init(struct takeover *t, struct server *s, char **argv) {
    t->server = s;
    t->argv = argv;
    t->predecessor = pid_in(PREDECESSOR);
    if (pid_in("LISTEN_PID") == getpid() && str_eq(getenv("LISTEN_FDS"), "1")) {
        fcntl(LISTEN_FD, F_SETFD, FD_CLOEXEC);
        fcntl(LISTEN_FD, F_SETFL, O_NONBLOCK);
        s->listener = LISTEN_FD;
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv(PREDECESSOR);
}

/* As sd_notify(3) does: one datagram. Of a service of Type=notify we are the main process from now on. */
static void systemd_tell(void) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    char text[64];
    if (!path || strlen(path) >= sizeof to.sun_path || (*path != '/' && *path != '@'))
        return;
    memcpy(to.sun_path, path, strlen(path));
    if (*path == '@')
        to.sun_path[0] = '\0';
    int n = snprintf(text, sizeof text, "READY=1\nMAINPID=%d\n", (int)getpid());
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (fd < 0 || sendto(fd, text, (size_t)n, MSG_NOSIGNAL, (struct sockaddr *)&to, len) < 0)
        log_event(LOG_WARN, "the service manager was not told", "reason", strerror(errno), NULL);
    if (fd >= 0)
        close(fd);
}

bool takeover_waits(struct takeover *t) {
    if (t->predecessor && getppid() != t->predecessor)
        t->predecessor = 0;
    return t->predecessor != 0;
}

void takeover_ready(struct takeover *t) {
    systemd_tell();
    if (takeover_waits(t)) {
        log_fmt(LOG_INFO, "taken over", "from", "%d", (int)t->predecessor);
        kill(t->predecessor, SIGTERM);
    }
}

/* ------------------------------------------------------------------ the old one */

static void on_late(struct timer *timer) {
    struct takeover *t = container_of(timer, struct takeover, timer);
    log_event(LOG_ERROR, "the successor did not become ready", NULL);
    t->given_up = true;
    kill(t->successor, SIGKILL); /* it has served nobody, and may be deaf to all else */
}

/* In the child: nothing but what leads to exec. */
static void become(const struct takeover *t, pid_t parent) {
    char own[24], older[24];
    snprintf(own, sizeof own, "%d", (int)getpid());
    snprintf(older, sizeof older, "%d", (int)parent);
    int fd = t->server->listener;
    bool there = fd == LISTEN_FD ? fcntl(fd, F_SETFD, 0) == 0 : dup2(fd, LISTEN_FD) == LISTEN_FD;
    if (there && setenv("LISTEN_PID", own, 1) == 0 && setenv("LISTEN_FDS", "1", 1) == 0 &&
        setenv(PREDECESSOR, older, 1) == 0)
        execvp(t->argv[0], t->argv);
    _exit(NOT_EXECUTED);
}

void takeover_begin(struct takeover *t) {
    pid_t parent = getpid();
    if (t->successor || t->server->draining) {
        log_event(LOG_WARN, "there is a successor already", NULL);
        return;
    }
    pid_t child = fork();
    if (child == 0)
        become(t, parent);
    if (child < 0) {
        log_event(LOG_ERROR, "no successor could be started", "reason", strerror(errno), NULL);
        return;
    }
    t->successor = child;
    t->timer.fire = on_late;
    loop_timer(t->server->loop, &t->timer,
               loop_now(t->server->loop) + (uint64_t)t->server->settings->takeover_ms);
    log_fmt(LOG_INFO, "a successor starts", "successor", "%d", (int)child);
}

bool takeover_child(struct takeover *t) {
    int status;
    if (!t->successor || waitpid(t->successor, &status, WNOHANG) != t->successor)
        return false;
    positions_discard(t->server->settings->positions_file, t->successor);
    t->successor = 0;
    t->given_up = false;
    loop_timer_off(t->server->loop, &t->timer);
    log_fmt(t->server->draining ? LOG_WARN : LOG_ERROR,
            t->server->draining ? "the successor ended" : "the successor ended; this one goes on",
            "status", "%d", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return true;
}

void takeover_term(struct takeover *t, pid_t sender) {
    struct server *s = t->server;
    bool succeeded = t->successor && sender == t->successor;
    if (succeeded && (t->given_up || s->draining || takeover_child(t)))
        return; /* what it says does not count any more */
    if (t->successor && !s->draining) {
        loop_timer_off(s->loop, &t->timer);
        if (succeeded)
            positions_hand_over(s->settings->positions_file, t->successor);
        else
            kill(t->successor, SIGTERM);
    }
    server_drain(s, succeeded);
}
