/* load.c - N clients in one epoll: they subscribe, count whole messages and their delay.
 *
 *   load HOST PORT PATH TOKEN CHANNELS CLIENTS   (TOKEN "-": none; CHANNELS "-": don't subscribe)
 *   load HOST PORT PATH @FILE - CLIENTS          (FILE: lines of TOKEN CHANNEL)
 *
 * PATH says what they speak: /ws, /socket.io/ (with any CHANNELS they join all tables), /events,
 * /poll. CHANNELS has commas between; each client takes one of them, or of the file's lines, in
 * turn.
 *
 * Prints "ready CLIENTS SECONDS" when every handshake and subscription was answered. Then each line
 * on stdin is a command: "reset" forgets the counts, "report" prints
 * "messages N bytes M p50_us A p95_us B p99_us C", "waits" prints what clients waited for since
 * they began (to be ready, to have joined, for their first message): "ready_p95_us A ready_max_us B
 * join_p95_us C ...", "again" lets each leave and join anew and then prints the same, "quit" ends.
 * The delay of a message is now minus the number behind "t0us=" in it (microseconds of
 * CLOCK_REALTIME, put there by the writer before it sent its statement). Knows nothing of the
 * sidecar.
 */
#include "config.h"

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DELAYS_MAX (1 << 22)
#define AT_ONCE    64 /* a join is a write: refused when too many wait */
#define SEATS_MAX  1024

struct delays {
    uint32_t *us;
    size_t n;
};

struct seat {
    const char *token, *channel;
};

const char *load_path;
static const struct dialect *const dialects[] = {&socketio, &event_stream, &long_poll, &websocket};
static const struct dialect *spoken;
static struct client *clients;
static int count, opened, ready, joins;
static char host[100];
static struct seat seats[SEATS_MAX];
static int nseats;
static uint64_t messages, bytes;
static struct delays told, readied, joined, first;

void load_die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now_us(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void delay_add(struct delays *d, uint64_t us) {
    if (!d->us)
        d->us = malloc(DELAYS_MAX * sizeof *d->us);
    if (d->n < DELAYS_MAX)
        d->us[d->n++] = (uint32_t)us;
}

/* ------------------------------------------------------------------ for the dialects */

void load_opened(struct client *c) {
    c->open = true;
    opened++;
}

void load_ready(struct client *c) {
    c->ready = true;
    ready++;
    delay_add(&readied, now_us(CLOCK_REALTIME) - c->began);
}

void load_joins(struct client *c) {
    c->asked = now_us(CLOCK_REALTIME);
    joins++;
}

void load_joined(struct client *c) {
    if (!c->ready)
        load_ready(c);
    if (!c->asked)
        return;
    delay_add(&joined, now_us(CLOCK_REALTIME) - c->asked);
    c->asked = 0;
    joins--;
}

void load_message(struct client *c, const char *text, size_t len, uint64_t now) {
    const char *mark = memmem(text, len, "t0us=", 5);
    messages++;
    bytes += len;
    if (!c->told)
        delay_add(&first, now - c->began);
    c->told = true;
    if (!mark)
        return;
    uint64_t t0 = strtoull(mark + 5, NULL, 10);
    delay_add(&told, now > t0 ? now - t0 : 0);
}

void load_request(struct client *c) {
    char request[5000];
    int n = spoken->request(c, request, sizeof request);
    bool token = strcmp(c->token, "-") != 0;
    n +=
        snprintf(request + n, sizeof request - (size_t)n, "Host: %s\r\n%s%s%s\r\n", host,
                 token ? "Authorization: Bearer " : "", token ? c->token : "", token ? "\r\n" : "");
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
    c->token = seats[i % nseats].token;
    c->channel = seats[i % nseats].channel;
    c->began = now_us(CLOCK_REALTIME);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        load_die(argv[1]);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
        load_die("connect");
    int on = 1; /* as browsers and Node have it */
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
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

static void seat_add(const char *token, const char *channel) {
    if (nseats < SEATS_MAX)
        seats[nseats++] = (struct seat){token, channel};
}

static void seats_read(const char *file) {
    char token[4000], channel[64];
    FILE *f = fopen(file, "r");
    if (!f)
        load_die(file);
    while (fscanf(f, "%3999s %63s", token, channel) == 2)
        seat_add(strdup(token), strdup(channel));
    fclose(f);
}

static void seats_take(char *token, char *channels) {
    if (*token == '@')
        seats_read(token + 1);
    else
        for (char *at = strtok(channels, ","); at; at = strtok(NULL, ","))
            seat_add(token, at);
}

static void open_all(int ep, char **argv) {
    clients = calloc((size_t)count, sizeof *clients);
    for (int i = 0; i < count; i++) {
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

static void sort(struct delays *d) {
    if (d->n)
        qsort(d->us, d->n, sizeof *d->us, by_value);
}

/* What the part p of the sorted ones did not exceed. */
static uint32_t at(const struct delays *d, double p) {
    return d->n ? d->us[(size_t)((double)(d->n - 1) * p)] : 0;
}

static void report(void) {
    sort(&told);
    printf("messages %llu bytes %llu p50_us %u p95_us %u p99_us %u\n", (unsigned long long)messages,
           (unsigned long long)bytes, at(&told, .5), at(&told, .95), at(&told, .99));
}

static void waits(void) {
    sort(&readied);
    sort(&joined);
    sort(&first);
    printf("ready_p95_us %u ready_max_us %u join_p95_us %u join_max_us %u first_p95_us %u "
           "first_max_us %u\n",
           at(&readied, .95), at(&readied, 1), at(&joined, .95), at(&joined, 1), at(&first, .95),
           at(&first, 1));
}

static void again(int ep) {
    joined.n = 0;
    for (int i = 0; i < count; i++) {
        spoken->again(&clients[i]);
        while (joins >= AT_ONCE)
            turn(ep, 1000);
    }
    while (joins)
        turn(ep, 1000);
}

/* False when the program is to end. */
static bool command(int ep) {
    char line[64];
    ssize_t n = read(0, line, sizeof line - 1);
    if (n <= 0)
        return false;
    line[n] = 0;
    if (strncmp(line, "reset", 5) == 0)
        messages = bytes = told.n = 0;
    else if (strncmp(line, "report", 6) == 0)
        report();
    else if (strncmp(line, "again", 5) == 0)
        again(ep), waits();
    else if (strncmp(line, "waits", 5) == 0)
        waits();
    fflush(stdout);
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
    snprintf(host, sizeof host, "%s:%s", argv[1], argv[2]);
    seats_take(argv[4], argv[5]);
    count = atoi(argv[6]);
    if (!nseats)
        load_die("nobody to be");
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
            else if (!command(ep))
                return 0;
        }
    }
}
