/* pgloop.h - an event loop made of poll() around one struct dba, that keeps the contract of dba.h
 * to the letter: it watches what it is told to watch, ticks when it is due, and notes every
 * callback that comes from inside dba_call. Used by test_dba.c. */
#ifndef TESTS_UNIT_PGLOOP_H
#define TESTS_UNIT_PGLOOP_H

#include "base/clock.h"
#include "data/dba.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 20000

static struct {
    struct dba *dba;
    int fd;
    bool want_read, want_write, wanted_write_ever;
    int connected, lost, notified;
    bool inside_call, called_back_inside;
    char last_payload[32];
} loop;

static void on_watch(void *ctx, int fd, bool want_read, bool want_write) {
    (void)ctx;
    loop.fd = fd;
    loop.want_read = want_read;
    loop.want_write = want_write;
    loop.wanted_write_ever |= want_write && loop.connected;
}

static inline void note_callback(void) {
    loop.called_back_inside |= loop.inside_call;
}

static void on_connected(void *ctx) {
    (void)ctx;
    note_callback();
    loop.connected++;
}

static void on_lost(void *ctx) {
    (void)ctx;
    note_callback();
    loop.lost++;
}

static void on_notified(void *ctx, const char *payload) {
    (void)ctx;
    note_callback();
    loop.notified++;
    snprintf(loop.last_payload, sizeof loop.last_payload, "%s", payload);
}

static inline void open_loop(const char *conninfo, const char *channel) {
    const struct dba_hooks hooks = {NULL, on_watch, on_connected, on_lost, on_notified};
    memset(&loop, 0, sizeof loop);
    loop.fd = -1;
    loop.dba = dba_open(conninfo, channel, &hooks);
}

static inline void turn(void) {
    uint64_t now = clock_mono_ms(), due = dba_deadline(loop.dba);
    int wait = due == 0 ? 50 : due <= now ? 0 : (int)(due - now < 50 ? due - now : 50);
    struct pollfd p = {
        .fd = loop.fd,
        .events = (short)((loop.want_read ? POLLIN : 0) | (loop.want_write ? POLLOUT : 0))};
    int n = poll(&p, 1, wait);
    if (n > 0 && loop.fd >= 0) {
        bool gone = p.revents & (POLLERR | POLLHUP);
        dba_ready(loop.dba, gone || (p.revents & POLLIN), gone || (p.revents & POLLOUT));
    }
    due = dba_deadline(loop.dba);
    if (due && due <= clock_mono_ms())
        dba_tick(loop.dba);
}

#define wait_for(condition)                                                                        \
    do {                                                                                           \
        uint64_t until = clock_mono_ms() + PATIENCE_MS;                                            \
        while (!(condition) && clock_mono_ms() < until)                                            \
            turn();                                                                                \
        assert_true(condition);                                                                    \
    } while (0)

#endif
