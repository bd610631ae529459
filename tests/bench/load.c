/* load.c - N clients in one epoll: they subscribe, count whole messages and their delay.
 *
 *   load HOST PORT PATH TOKEN CHANNELS CLIENTS   (TOKEN "-": none; CHANNELS "-": don't subscribe)
 *
 * PATH says what they speak: /ws, /socket.io/ (with any CHANNELS they join all tables), /events, /poll.
 * CHANNELS has commas between; each client takes one of them, in turn.
 *
 * Prints "ready CLIENTS SECONDS" when every handshake and subscription was answered. Then each line
 * on stdin is a command: "reset" forgets the counts, "report" prints
 * "messages N bytes M p50_us A p95_us B p99_us C", "quit" ends. The delay of a message is now minus the
 * number behind "t0us=" in it (microseconds of CLOCK_REALTIME, put there by the writer before it
 * sent its statement). Knows nothing of the sidecar.
 */
#include "config.h"

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DELAYS_MAX (1 << 22)
#define AT_ONCE    64 /* a join is a write: refused when too many wait */

const char *load_path;
static const struct dialect *const dialects[] = {&socketio, &event_stream, &long_poll, &websocket};
static const struct dialect *spoken;
static struct client *clients;
static int count, opened, ready;
static char headers[4400];
static uint64_t messages, bytes;
static uint32_t *delays;
static size_t ndelays;

void load_die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now_us(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* ------------------------------------------------------------------ for the dialects */

void load_opened(struct client *c) {
    c->open = true;
    opened++;
}

void load_ready(struct client *c) {
    c->ready = true;
    ready++;
}

void load_message(const char *text, size_t len, uint64_t now) {
    const char *mark = memmem(text, len, "t0us=", 5);
    messages++;
    bytes += len;
    if (!mark || ndelays == DELAYS_MAX)
        return;
    uint64_t t0 = strtoull(mark + 5, NULL, 10);
    delays[ndelays++] = now > t0 ? (uint32_t)(now - t0) : 0;
}

void load_request(struct client *c) {
    char request[5000];
    int n = spoken->request(c, request, sizeof request);
    n += snprintf(request + n, sizeof request - (size_t)n, "%s", headers);
    if (write(c->fd, request, (size_t)n) != n)
        load_die("write");
}

size_t load_head(const struct client *c, const char *status) {
    const char *end = memmem(c->buf, c->len, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (strncmp(c->buf + 9, status, strlen(status)) != 0) {
        fprintf(stderr, "refused: %.60s\n", c->buf);
        exit(1);
    }
    return (size_t)(end + 4 - c->buf);
}

/* ------------------------------------------------------------------ clients */

static void readable(struct client *c) {
    ssize_t n = read(c->fd, c->buf + c->len, BUFFER - 1 - c->len);
    if (n <= 0) {
        if (n < 0 && errno == EAGAIN)
            return;
        fprintf(stderr, "a connection was lost\n");
        exit(1);
    }
    c->len += (size_t)n;
    uint64_t now = now_us(CLOCK_REALTIME);
    for (size_t used; c->len && (used = spoken->take(c, now)) > 0;) {
        c->len -= used;
        memmove(c->buf, c->buf + used, c->len);
    }
}

static void open_client(struct client *c, int ep, int i, char **argv) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        load_die(argv[1]);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
        load_die("connect");
    load_request(c);
    struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev) < 0)
        load_die("epoll_ctl");
}

static void turn(int ep, int timeout_ms) {
    struct epoll_event ev[256];
    int n = epoll_wait(ep, ev, 256, timeout_ms);
    for (int i = 0; i < n; i++)
        if (ev[i].data.u32 < (uint32_t)count)
            readable(&clients[ev[i].data.u32]);
}

static void open_all(int ep, char **argv) {
    const char *channel[64];
    int n = 0;
    for (char *at = strtok(argv[5], ","); at && n < 64; at = strtok(NULL, ","))
        channel[n++] = at;
    clients = calloc((size_t)count, sizeof *clients);
    for (int i = 0; i < count; i++) {
        clients[i].channel = channel[i % n];
        open_client(&clients[i], ep, i, argv);
        while (i + 1 - (spoken == &socketio ? ready : opened) > AT_ONCE)
            turn(ep, 1000);
    }
    while (ready < count)
        turn(ep, 1000);
}

/* ------------------------------------------------------------------ commands */

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
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
        fprintf(stderr, "usage: load HOST PORT PATH TOKEN CHANNELS CLIENTS\n");
        return 2;
    }
    load_path = argv[3];
    spoken = &websocket; /* the floor's, too */
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (strncmp(argv[3], dialects[i]->path, strlen(dialects[i]->path)) == 0)
            spoken = dialects[i];
    bool token = strcmp(argv[4], "-") != 0;
    snprintf(headers, sizeof headers, "Host: %s:%s\r\n%s%s%s\r\n", argv[1], argv[2],
             token ? "Authorization: Bearer " : "", token ? argv[4] : "", token ? "\r\n" : "");
    count = atoi(argv[6]);
    delays = malloc(DELAYS_MAX * sizeof *delays);
    int ep = epoll_create1(EPOLL_CLOEXEC);
    uint64_t began = now_us(CLOCK_MONOTONIC);
    open_all(ep, argv);
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
