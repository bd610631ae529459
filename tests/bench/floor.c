/* floor.c - the least that a broadcast can cost: one send() a client and message, nothing else.
 *
 *   floor [CONNINFO]   prints "listening PORT", answers any upgrade request with 101, and takes commands on stdin:
 *   "burst BYTES TIMES GAP_US": sends a text frame of BYTES payload to every client, TIMES times, with a
 *   pause of GAP_US between; prints "cpu_us X sends Y" of the process for that burst. "quit" ends.
 * With a database it is a bare bridge as well: what is notified on channel `bench` goes to every client.
 * Listens on 127.0.0.1 only. The server side of a comparison: CPU time is the process's own.
 */
#include "config.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 20000

static int fds[CLIENTS_MAX], nfds;

static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static int listen_somewhere(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 1024) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
        perror("listen");
        exit(1);
    }
    printf("listening %d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_one(int listener) {
    char request[4096];
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
    if (fd < 0 || nfds == CLIENTS_MAX || read(fd, request, sizeof request) <= 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (write(fd, answer, sizeof answer - 1) > 0)
        fds[nfds++] = fd;
}

static double cpu_us(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* A text frame's head; the payload is to follow it. */
static size_t frame_head(unsigned char *frame, size_t bytes) {
    frame[0] = 0x81;
    frame[1] = bytes < 126 ? (unsigned char)bytes : 126;
    if (bytes < 126)
        return 2;
    frame[2] = (unsigned char)(bytes >> 8);
    frame[3] = (unsigned char)bytes;
    return 4;
}

static void burst(int bytes, int times, int gap_us) {
    unsigned char frame[70000];
    size_t head = frame_head(frame, (size_t)bytes);
    memset(frame + head, 'x', (size_t)bytes);
    double before = cpu_us();
    long sends = 0;
    for (int t = 0; t < times; t++) {
        for (int i = 0; i < nfds; i++)
            sends += send(fds[i], frame, head + (size_t)bytes, MSG_NOSIGNAL) > 0;
        usleep((useconds_t)gap_us);
    }
    printf("cpu_us %.0f sends %ld\n", cpu_us() - before, sends);
    fflush(stdout);
}

static PGconn *database(const char *conninfo) {
    PGconn *db = PQconnectdb(conninfo);
    PQclear(PQexec(db, "listen bench"));
    if (PQstatus(db) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(db));
        exit(1);
    }
    return db;
}

static void bridge(PGconn *db) {
    unsigned char frame[9000];
    PQconsumeInput(db);
    for (PGnotify *n; (n = PQnotifies(db)); PQfreemem(n)) {
        size_t len = strlen(n->extra), head = frame_head(frame, len);
        memcpy(frame + head, n->extra, len);
        for (int i = 0; i < nfds; i++)
            send(fds[i], frame, head + len, MSG_NOSIGNAL);
    }
}

int main(int argc, char **argv) {
    PGconn *db = argc > 1 ? database(argv[1]) : NULL;
    int listener = listen_somewhere(), ep = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event a = {.events = EPOLLIN, .data.fd = listener}, b = {.events = EPOLLIN, .data.fd = 0};
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &a);
    epoll_ctl(ep, EPOLL_CTL_ADD, 0, &b);
    if (db) {
        struct epoll_event c = {.events = EPOLLIN, .data.fd = PQsocket(db)};
        epoll_ctl(ep, EPOLL_CTL_ADD, PQsocket(db), &c);
    }
    for (;;) {
        struct epoll_event ev;
        if (epoll_wait(ep, &ev, 1, -1) < 1)
            continue;
        if (ev.data.fd == listener) {
            accept_one(listener);
            continue;
        }
        if (ev.data.fd != 0) {
            bridge(db);
            continue;
        }
        char line[128];
        int bytes, times, gap;
        ssize_t n = read(0, line, sizeof line - 1);
        line[n > 0 ? n : 0] = 0;
        if (n <= 0 || strncmp(line, "quit", 4) == 0)
            return 0;
        if (sscanf(line, "burst %d %d %d", &bytes, &times, &gap) == 3)
            burst(bytes, times, gap);
    }
}
