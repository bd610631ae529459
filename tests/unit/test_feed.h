/* test_feed.h - what the tests of hub, events and actions share: a server without sockets, and
 * connections whose link writes into a string. */
#ifndef TESTS_FEED_H
#define TESTS_FEED_H

#include "base/mem.h"
#include "core/conn.h"
#include "core/event.h"
#include "core/hub.h"
#include "core/limits.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EPOCH "0badcafe"

static struct settings settings;
static struct server server;

/* What left a connection, in order: "a1 a2 s:x " */
struct peer {
    struct str got;
    int resyncs, closed;
};

static inline void link_flush(struct conn *c) {
    struct peer *p = c->link_data;
    while (c->out.count) {
        struct frame *f = outq_at(&c->out, 0);
        str_put(&p->got, f->text, f->len);
        str_putc(&p->got, ' ');
        outq_pop(&c->out);
    }
}

static inline void link_close(struct conn *c, int code, const char *reason) {
    (void)reason;
    ((struct peer *)c->link_data)->closed = code;
}

static inline uint64_t link_tick(struct conn *c, uint64_t now) {
    (void)c;
    (void)now;
    return UINT64_MAX;
}

static inline void link_destroy(struct conn *c) {
    str_free(&((struct peer *)c->link_data)->got);
    x_free(c->link_data);
}

static const struct link fake_link = {.name = "fake",
                                      .flush = link_flush,
                                      .close = link_close,
                                      .tick = link_tick,
                                      .destroy = link_destroy};

static unsigned encodings;

/* "a7" for event 7, "m7" masked; a customer's event says nothing. */
static inline struct frame *fake_encode(const struct event *e, unsigned variant) {
    char text[24];
    encodings++;
    if (event_is(e, "floor"))
        return NULL;
    snprintf(text, sizeof text, "%c%" PRId64, variant & VARIANT_MASKED ? 'm' : 'a', e->seq);
    return frame_new(text, strlen(text), false);
}

static inline void fake_resync(struct conn *c) {
    ((struct peer *)c->link_data)->resyncs++;
    hub_hold(c);
    conn_push_text(c, "resync", 6);
}

static const struct proto fake_proto = {
    .name = "fake", .language = 3, .encode = fake_encode, .resync = fake_resync};

static inline int server_up(void **s) {
    struct err e;
    (void)s;
    if (!settings_load(&settings, NULL, &e))
        return -1;
    memset(&server, 0, sizeof server);
    server_init(&server, &settings);
    conns_init(&server);
    server.hub = hub_new();
    encodings = 0;
    return 0;
}

static inline int server_down(void **s) {
    (void)s;
    while (server.conns)
        conn_kill(server.conns);
    hub_free(server.hub);
    server.hub = NULL;
    server_free(&server);
    settings_free(&settings);
    return 0;
}

static inline struct conn *conn_make(int64_t venue, enum role role) {
    struct principal who = {.role = role, .venue = venue, .account = 1};
    struct err e;
    if (!limits_take(server.limits, &who, "127.0.0.1", &e))
        return NULL;
    struct conn *c = conn_new(&server, &fake_link, &fake_proto, &who, "127.0.0.1");
    c->link_data = x_new(struct peer);
    return c;
}

/* What has left by now; forgets it. The text lives until the next call for this connection. */
static inline const char *taken(struct conn *c) {
    static char text[4096];
    struct peer *p = c->link_data;
    conn_flush_dirty(&server);
    snprintf(text, sizeof text, "%s", str_c(&p->got));
    str_clear(&p->got);
    return text;
}

static inline struct event *event_make(int64_t venue, int64_t seq, const char *type,
                                       const char *refs, const char *data, const char *masked) {
    char v[24], n[24];
    struct event *ev;
    struct err e;
    snprintf(v, sizeof v, "%" PRId64, venue);
    snprintf(n, sizeof n, "%" PRId64, seq);
    struct event_row row = {
        v, n, "2026-11-20 17:31:05.123456+00", "tables", type, "5", refs, "anna", data, masked};
    return event_parse(&row, EPOCH, &ev, &e) ? ev : NULL;
}

/* A change of table 5 on floor 2. */
static inline struct event *table_event(int64_t venue, int64_t seq) {
    return event_make(venue, seq, "table.updated", "{\"table\":5,\"floor\":2}",
                      "{\"new\":{\"id\":5},\"old\":{}}", "{\"new\":{\"id\":6},\"old\":{}}");
}

static inline void publish(struct event *ev) {
    hub_publish(server.hub, ev);
    event_unref(ev);
}

#endif
