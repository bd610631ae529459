/* channels_snapshot.c - the state of log channels, read once for all who ask alike.
 *
 * A bulk change makes every client of a venue read again at once. Whoever wants the same channels
 * under the same mask, while nothing new was published since the question was sent, joins it: its
 * snapshot shows all that the newcomer may have missed. The messages are made once, too.
 * Called by channels_sync.c. Owns the reads under way (server->snapshots); they know ids of conns.
 */
#include "config.h"

#include "proto/channels_inner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "core/feed.h"
#include "core/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

#define SNAPSHOTS_SQL                                                                              \
    "select body, \"position\" from "                                                              \
    "api.channel_snapshots($1::api.caller, $2::text[], $3::bigint[])"

struct snapshot_read {
    struct server *server;
    struct str key; /* whose question it is, as far as the answer depends on it */
    struct topic *topics;
    unsigned ntopics;
    struct position asked; /* what was published then */
    uint64_t *conns;
    unsigned nconns;
    struct snapshot_read *prev, *next;
};

struct snapshots {
    const struct snapshot_read *read;
    const struct dba_rows *rows;
    struct frame **frames;
    char cursor[POSITION_MAX]; /* that the frames were made with; "": none yet */
};

/* ------------------------------------------------------------------ messages */

static struct frame *message(struct topic t, const char *body, const char *cursor) {
    struct str out = STR_INIT;
    char name[TOPIC_NAME_MAX], now[CLOCK_ISO_MAX];
    message_begin(&out, said_snapshot.type, clock_iso_ms(clock_wall_ms(), now), cursor);
    str_puts(&out, ",\"channel\":");
    json_put_string(&out, topic_name(t, name));
    str_printf(&out, ",\"data\":%s}", body ? body : "[]");
    struct frame *f = frame_new(out.p, out.len, false);
    str_free(&out);
    return f;
}

static void frames_drop(struct snapshots *s) {
    for (unsigned i = 0; s->frames && i < s->read->ntopics; i++)
        frame_unref(s->frames[i]);
    x_free(s->frames);
    s->frames = NULL;
}

static void frames_make(struct snapshots *s, const char *cursor, const char *position) {
    unsigned n = s->read->ntopics;
    if (s->frames && strcmp(s->cursor, cursor) == 0)
        return;
    frames_drop(s);
    snprintf(s->cursor, sizeof s->cursor, "%s", cursor);
    s->frames = x_alloc(n * sizeof(struct frame *));
    for (unsigned i = 0; i < n; i++)
        s->frames[i] = message(s->read->topics[i], dba_value(s->rows, (int)i, 0),
                               i + 1 < n ? cursor : position);
}

bool snapshots_push(struct snapshots *s, struct conn *c, const char *cursor,
                    struct position *until) {
    const char *position = s->rows->nrows ? dba_value(s->rows, 0, 1) : NULL;
    if (s->rows->nrows != (int)s->read->ntopics || !position || !position_parse(position, until))
        return false;
    frames_make(s, cursor, position);
    for (unsigned i = 0; i < s->read->ntopics; i++)
        conn_push(c, s->frames[i], 0);
    return true;
}

/* ------------------------------------------------------------------ reads */

static void read_free(struct snapshot_read *r) {
    str_free(&r->key);
    x_free(r->topics);
    x_free(r->conns);
    x_free(r);
}

static void on_rows(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct snapshot_read *r = ctx;
    struct snapshots s = {.read = r, .rows = rows};
    DL_DELETE(r->server->snapshots, r);
    for (unsigned i = 0; i < r->nconns; i++) {
        struct conn *c = conn_find(r->server, r->conns[i]);
        if (c)
            channels_snapshots(c, &s, e);
    }
    frames_drop(&s);
    read_free(r);
}

static void lists_put(const struct snapshot_read *r, struct str *kinds, struct str *ids) {
    for (unsigned i = 0; i < r->ntopics; i++) {
        char name[TOPIC_NAME_MAX], comma = i ? ',' : '{';
        topic_name(r->topics[i], name);
        name[strcspn(name, ":")] = '\0';
        str_printf(kinds, "%c%s", comma, name);
        str_printf(ids, "%c%" PRId64, comma, r->topics[i].id);
    }
    str_putc(kinds, '}');
    str_putc(ids, '}');
}

static void read_send(struct snapshot_read *r, const struct principal *who) {
    struct str kinds = STR_INIT, ids = STR_INIT;
    struct arena *mem = arena_new(512);
    lists_put(r, &kinds, &ids);
    const char *values[] = {op_caller(who, mem), str_c(&kinds), str_c(&ids)};
    dba_query(r->server->actions, SNAPSHOTS_SQL, 3, values, on_rows, r);
    str_free(&kinds);
    str_free(&ids);
    arena_free(mem);
}

/* hotel_rooms is both: figures of availability, and the rooms themselves. */
static bool has_snapshot(enum topic_kind kind) {
    return !topic_is_state(kind) || kind == TOPIC_HOTEL_ROOMS;
}

static void topic_collect(struct topic t, void *ctx) {
    struct snapshot_read *r = ctx;
    if (!has_snapshot(t.kind))
        return;
    r->topics = x_realloc(r->topics, (r->ntopics + 1) * sizeof *r->topics);
    r->topics[r->ntopics++] = t;
    str_printf(&r->key, " %d:%" PRId64, (int)t.kind, t.id);
}

static struct snapshot_read *read_new(struct conn *c) {
    struct snapshot_read *r = x_new(struct snapshot_read);
    r->server = c->server;
    str_printf(&r->key, "%" PRId64 " %d %" PRId64 " %" PRId64, c->who.venue, c->masked,
               c->who.session, c->who.order); /* a guest's answer is the guest's own */
    hub_each(c, topic_collect, r);
    if (!feed_position(c->server->feed, c->who.venue, &r->asked))
        r->asked.seq = -1;
    return r;
}

static struct snapshot_read *read_like(const struct snapshot_read *r) {
    struct snapshot_read *other;
    DL_FOREACH(r->server->snapshots, other) {
        if (r->asked.seq >= 0 && other->asked.seq == r->asked.seq &&
            strcmp(other->asked.epoch, r->asked.epoch) == 0 && strcmp(other->key.p, r->key.p) == 0)
            return other;
    }
    return NULL;
}

static void read_join(struct snapshot_read *r, const struct conn *c) {
    if ((r->nconns & (r->nconns - 1)) == 0) /* capacities are the powers of two */
        r->conns = x_realloc(r->conns, (r->nconns ? 2 * r->nconns : 1) * sizeof *r->conns);
    r->conns[r->nconns++] = c->id;
}

bool snapshots_read(struct conn *c) {
    struct snapshot_read *r = read_new(c), *other = read_like(r);
    if (other || !r->ntopics) {
        if (r->ntopics)
            read_join(other, c);
        bool asked = r->ntopics > 0;
        read_free(r);
        return asked;
    }
    read_join(r, c);
    DL_APPEND(c->server->snapshots, r);
    read_send(r, &c->who);
    return true;
}
