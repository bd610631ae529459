/* wsload.c - N WebSocket clients in one epoll: they subscribe, count whole messages and their delay.
 *
 *   wsload HOST PORT PATH TOKEN CHANNEL CLIENTS   (TOKEN "-": none; CHANNEL "-": don't subscribe)
 *
 * Below /socket.io/ they speak Socket.IO instead: CONNECT, and with any CHANNEL join all tables.
 *
 * Prints "ready CLIENTS SECONDS" when every handshake and subscription was answered. Then each line
 * on stdin is a command: "reset" forgets the counts, "report" prints
 * "messages N bytes M p50_us A p95_us B p99_us C", "quit" ends. The delay of a message is now minus the
 * number behind "t0us=" in it (microseconds of CLOCK_REALTIME, put there by the writer before it
 * sent its statement). Reads frames only as far as counting needs; knows nothing of the sidecar.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER 8192
#define DELAYS_MAX (1 << 22)

struct client {
    int fd;
    bool upgraded, subscribed;
    size_t len;
    char buf[BUFFER];
};

static struct client *clients;
static int count, upgraded, ready;
static const char *channel;
static bool socketio;
static uint64_t messages, bytes;
static uint32_t *delays;
static size_t ndelays;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now_us(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A masked text frame up to 125 bytes of payload; the mask is zero, so the payload stands as it is. */
static void send_text(int fd, const char *text) {
    size_t len = strlen(text);
    unsigned char frame[6 + 125] = {0x81, (unsigned char)(0x80 | len)};
    memcpy(frame + 6, text, len);
    if (write(fd, frame, 6 + len) < 0)
        die("write");
}

/* Our own pings carry nothing, so neither does the answer. */
static void pong(int fd) {
    static const unsigned char frame[6] = {0x8a, 0x80};
    if (write(fd, frame, sizeof frame) < 0)
        die("write");
}

static void note_delay(const char *payload, size_t len, uint64_t now) {
    const char *mark = memmem(payload, len, "t0us=", 5);
    if (!mark || ndelays == DELAYS_MAX)
        return;
    uint64_t t0 = strtoull(mark + 5, NULL, 10);
    delays[ndelays++] = now > t0 ? (uint32_t)(now - t0) : 0;
}

static bool begins(const char *payload, size_t len, const char *with) {
    return len >= strlen(with) && memcmp(payload, with, strlen(with)) == 0;
}

static void subscribed(struct client *c) {
    c->subscribed = true;
    ready++;
}

/* Socket.IO's small talk: the opening, its answers, pings; true when it was that. */
static bool socketio_step(struct client *c, const char *payload, size_t len) {
    bool opening = !c->subscribed;
    if (memmem(payload, len, "\"ok\":false", 10)) {
        fprintf(stderr, "refused: %.*s\n", (int)len, payload);
        exit(1);
    }
    if (begins(payload, len, "2"))
        send_text(c->fd, "3");
    else if (opening && begins(payload, len, "0{"))
        send_text(c->fd, "40");
    else if (opening && begins(payload, len, "40{") && strcmp(channel, "-") != 0)
        send_text(c->fd, "420[\"tables:join\",{\"floor\":null}]");
    else if (opening && (begins(payload, len, "40{") || begins(payload, len, "430[")))
        subscribed(c);
    else
        return begins(payload, len, "42[\"tables:connected\"");
    return true;
}

static void message(struct client *c, const char *payload, size_t len, uint64_t now) {
    if (socketio && socketio_step(c, payload, len))
        return;
    if (!c->subscribed && memmem(payload, len, "\"subscribed\"", 12)) {
        subscribed(c);
        return;
    }
    messages++;
    bytes += len;
    note_delay(payload, len, now);
}

/* Whole frames in the buffer; returns the bytes used. */
static size_t frames(struct client *c, uint64_t now) {
    size_t at = 0;
    while (c->len - at >= 2) {
        const unsigned char *p = (unsigned char *)c->buf + at;
        size_t head = 2, len = p[1] & 127;
        if (len == 126) {
            if (c->len - at < 4)
                break;
            len = (size_t)p[2] << 8 | p[3];
            head = 4;
        }
        if (c->len - at < head + len)
            break;
        if ((p[0] & 15) == 1)
            message(c, (const char *)p + head, len, now);
        else if ((p[0] & 15) == 9)
            pong(c->fd);
        at += head + len;
    }
    return at;
}

static size_t handshake(struct client *c) {
    char *end = memmem(c->buf, c->len, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (strncmp(c->buf, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "refused: %.60s\n", c->buf);
        exit(1);
    }
    c->upgraded = true;
    upgraded++;
    char text[120];
    if (socketio) /* the server opens */
        return (size_t)(end + 4 - c->buf);
    if (strcmp(channel, "-") != 0) {
        snprintf(text, sizeof text, "{\"action\":\"subscribe\",\"channels\":[\"%s\"]}", channel);
        send_text(c->fd, text);
    } else {
        subscribed(c);
    }
    return (size_t)(end + 4 - c->buf);
}

static void readable(struct client *c) {
    ssize_t n = read(c->fd, c->buf + c->len, BUFFER - c->len);
    if (n <= 0) {
        if (n < 0 && errno == EAGAIN)
            return;
        fprintf(stderr, "a connection was lost\n");
        exit(1);
    }
    c->len += (size_t)n;
    size_t used = c->upgraded ? 0 : handshake(c);
    memmove(c->buf, c->buf + used, c->len -= used);
    if (c->upgraded) {
        used = frames(c, now_us(CLOCK_REALTIME));
        memmove(c->buf, c->buf + used, c->len -= used);
    }
}

static void open_client(struct client *c, int ep, int i, char **argv) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        die(argv[1]);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    char bearer[4200] = "", request[5000];
    if (strcmp(argv[4], "-") != 0)
        snprintf(bearer, sizeof bearer, "Authorization: Bearer %s\r\n", argv[4]);
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                     argv[3], argv[1], argv[2], bearer);
    if (write(c->fd, request, (size_t)n) != n)
        die("write");
    struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev) < 0)
        die("epoll_ctl");
}

static void turn(int ep, int timeout_ms) {
    struct epoll_event ev[256];
    int n = epoll_wait(ep, ev, 256, timeout_ms);
    for (int i = 0; i < n; i++)
        if (ev[i].data.u32 < (uint32_t)count)
            readable(&clients[ev[i].data.u32]);
}

static uint32_t percentile(double p) {
    return ndelays ? delays[(size_t)((double)(ndelays - 1) * p)] : 0;
}

static void report(void) {
    qsort(delays, ndelays, sizeof *delays, by_value);
    printf("messages %llu bytes %llu p50_us %u p95_us %u p99_us %u\n", (unsigned long long)messages,
           (unsigned long long)bytes, percentile(.5), percentile(.95), percentile(.99));
    fflush(stdout);
}

/* False when the program is to end. */
static bool command(void) {
    char line[64];
    ssize_t n = read(0, line, sizeof line - 1);
    if (n <= 0)
        return false;
    line[n] = 0;
    if (strncmp(line, "reset", 5) == 0)
        messages = bytes = ndelays = 0;
    else if (strncmp(line, "report", 6) == 0)
        report();
    return strncmp(line, "quit", 4) != 0;
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: wsload HOST PORT PATH TOKEN CHANNEL CLIENTS\n");
        return 2;
    }
    channel = argv[5];
    socketio = strncmp(argv[3], "/socket.io/", 11) == 0;
    count = atoi(argv[6]);
    clients = calloc((size_t)count, sizeof *clients);
    delays = malloc(DELAYS_MAX * sizeof *delays);
    int ep = epoll_create1(EPOLL_CLOEXEC);
    uint64_t began = now_us(CLOCK_MONOTONIC);
    for (int i = 0; i < count; i++) {
        open_client(&clients[i], ep, i, argv);
        while (i + 1 - (socketio ? ready : upgraded) > 64) /* a join is a write: refused when too many wait */
            turn(ep, 1000);
    }
    while (ready < count)
        turn(ep, 1000);
    printf("ready %d %.3f\n", count, (double)(now_us(CLOCK_MONOTONIC) - began) / 1e6);
    fflush(stdout);
    struct epoll_event in = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    epoll_ctl(ep, EPOLL_CTL_ADD, 0, &in);
    for (;;) {
        struct epoll_event ev[256];
        int n = epoll_wait(ep, ev, 256, -1);
        for (int i = 0; i < n; i++) {
            if (ev[i].data.u32 != UINT32_MAX)
                readable(&clients[ev[i].data.u32]);
            else if (!command())
                return 0;
        }
    }
}
