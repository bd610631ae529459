/* channels_sync.c - coming back: resume, and snapshots where a replay can't be had exactly.
 *
 * Snapshot and live stream join without gap or overlap: the conn holds, all its log channels are
 * read in one statement, so in one snapshot with one position P; what was held up to P is in it
 * and is dropped, the rest leaves behind it. Until the last snapshot has been queued the cursor
 * stays where it was: whoever breaks off before meets the resync again.
 */
#include "config.h"

#include "proto/channels_inner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "core/feed.h"
#include "core/message.h"
#include "core/states.h"

#include <stdio.h>
#include <string.h>

#define RETRY_MS    1000
#define CATCH_UP_MS 5
enum sync_step { SYNC_REPLAY, SYNC_READ, SYNC_CATCH_UP };

struct sync {
    struct server *server;
    uint64_t conn;
    enum sync_step step;
    bool out, again;             /* snapshots are asked for; they will be too old */
    char cursor[POSITION_MAX];   /* what is acknowledged meanwhile */
    struct position from, until; /* REPLAY: the client's; CATCH_UP: the snapshots' */
    struct timer timer;
};

const char *sync_cursor(const struct conn *c) {
    const struct sync *s = c->proto_data;
    struct position now;
    if (!s)
        return NULL;
    if (s->step == SYNC_REPLAY && feed_position(c->server->feed, c->who.venue, &now) &&
        strcmp(now.epoch, s->from.epoch) == 0)
        return NULL; /* the conn's own seq says how far the replay has come */
    return s->cursor;
}

static void on_timer(struct timer *t);

static struct sync *sync_new(struct conn *c, enum sync_step step, const char *cursor) {
    struct sync *s = x_new(struct sync);
    s->server = c->server;
    s->conn = c->id;
    s->step = step;
    s->timer.fire = on_timer;
    snprintf(s->cursor, sizeof s->cursor, "%s", cursor);
    c->proto_data = s;
    return s;
}

static void sync_free(struct sync *s) {
    loop_timer_off(s->server->loop, &s->timer);
    x_free(s);
}

void channels_closed(struct conn *c) {
    if (c->proto_data)
        sync_free(c->proto_data);
    c->proto_data = NULL;
}

struct figures {
    struct conn *conn;
    int64_t after;
};

static void figure_send(struct topic t, void *ctx) {
    const struct figures *f = ctx;
    if (topic_is_state(t.kind))
        states_send(f->conn->server->states, f->conn, t, f->after);
}

/* The newest of every figure that it hears: once, after a resume. A poll resumes each time, so it is
 * told only what changed since. */
static void figures_send(struct conn *c, int64_t since) {
    struct figures f = {c, c->proto == &channels_poll_proto ? since : STATES_ALL};
    hub_each(c, figure_send, &f);
}

/* ------------------------------------------------------------------ snapshots */

static void name_put(struct topic t, void *ctx) {
    struct str *out = ctx;
    char name[TOPIC_NAME_MAX];
    if (out->p[out->len - 1] != '[')
        str_putc(out, ',');
    json_put_string(out, topic_name(t, name));
}

static void resync_tell(struct conn *c, const char *cursor) {
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX];
    message_begin(&out, said_resync.type, clock_iso_ms(clock_wall_ms(), now), cursor);
    str_puts(&out, ",\"channels\":[");
    hub_each(c, name_put, &out);
    str_puts(&out, "]}");
    conn_push_text(c, out.p, out.len);
    str_free(&out);
}

static void sync_end(struct conn *c, struct sync *s, int64_t seq) {
    c->proto_data = NULL;
    sync_free(s);
    figures_send(c, STATES_ALL); /* held back until the release, which sends the newest */
    hub_release(c, seq);
}

/* The snapshot may be ahead of what this sidecar has published; nothing may leave before it has
 * caught up, or figures with an older cursor would. In another epoch a resync is on its way. */
static void catch_up(struct conn *c, struct sync *s) {
    struct position now;
    bool known = feed_position(s->server->feed, c->who.venue, &now);
    if (known && strcmp(now.epoch, s->until.epoch) == 0 && now.seq < s->until.seq)
        loop_timer(s->server->loop, &s->timer, loop_now(s->server->loop) + CATCH_UP_MS);
    else
        sync_end(c, s, s->until.seq);
}

static void snapshots_ask(struct conn *c, struct sync *s) {
    struct position now;
    s->again = false;
    s->out = snapshots_read(c);
    if (!s->out)
        sync_end(c, s, feed_position(s->server->feed, c->who.venue, &now) ? now.seq : 0);
}

void channels_snapshots(struct conn *c, struct snapshots *found, const struct err *e) {
    struct sync *s = c->proto_data;
    s->out = false;
    if (s->again) {
        snapshots_ask(c, s);
    } else if (e && (e->code == ERR_UNAVAILABLE || e->code == ERR_TIMEOUT)) {
        loop_timer(s->server->loop, &s->timer, loop_now(s->server->loop) + RETRY_MS);
    } else if (e || !snapshots_push(found, c, s->cursor, &s->until)) {
        conn_close(c, err_close(ERR_INTERNAL), "no snapshot");
    } else {
        position_format(&s->until, s->cursor);
        s->step = SYNC_CATCH_UP;
        catch_up(c, s);
    }
}

static void on_timer(struct timer *t) {
    struct sync *s = container_of(t, struct sync, timer);
    struct conn *c = conn_find(s->server, s->conn);
    if (!c)
        return;
    if (s->step == SYNC_CATCH_UP)
        catch_up(c, s);
    else
        snapshots_ask(c, s);
}

/* Holds; the conn's seq is then the last one that it has, or -1 when it has none of this epoch. */
static void sync_read(struct conn *c, struct sync *s) {
    s->step = SYNC_READ;
    resync_tell(c, s->cursor);
    snapshots_ask(c, s);
}

void channels_resync(struct conn *c) {
    struct sync *s = c->proto_data;
    if (s && s->step == SYNC_REPLAY)
        return; /* the replay finds out by itself */
    if (s && s->step == SYNC_READ) {
        s->again = s->out;
        return;
    }
    if (s) { /* told, but not caught up: what was told does not count any more */
        loop_timer_off(s->server->loop, &s->timer);
        sync_read(c, s);
        return;
    }
    struct position at = {.epoch = "00000000", .venue = c->who.venue}; /* no epoch: none is known */
    char cursor[POSITION_MAX];
    hub_hold(c);
    if (c->seq >= 0 && feed_position(c->server->feed, c->who.venue, &at))
        at.seq = c->seq;
    sync_read(c, sync_new(c, SYNC_READ, position_format(&at, cursor)));
}

/* A channel more while snapshots are on their way: theirs may be newer than its acknowledgement,
 * and what lies between would be dropped as known. So it gets a snapshot too, with the others. */
void channels_more(struct conn *c) {
    struct sync *s = c->proto_data;
    if (!s || s->step == SYNC_REPLAY)
        return;
    s->step = SYNC_READ;
    s->again = s->out;
    loop_timer_off(s->server->loop, &s->timer);
    if (!s->out)
        snapshots_ask(c, s);
}

/* ------------------------------------------------------------------ resume */

static void on_resumed(struct conn *c, enum feed_resume how) {
    struct sync *s = c->proto_data;
    if (how == FEED_SNAPSHOT_NEEDED) {
        hub_hold(c);
        sync_read(c, s);
        return;
    }
    int64_t since = s->from.seq;
    c->proto_data = NULL;
    sync_free(s);
    figures_send(c, since);
}

static void channels_restore(struct channel_lists *l, const char *names) {
    while (*names) {
        size_t len = strcspn(names, ",");
        if (len)
            channel_grant(l, names, len);
        names += len + (names[len] == ',');
    }
}

static void refused_tell(struct conn *c, const struct channel_lists *l, const char *request_id) {
    struct err e;
    if (!l->refused.len)
        return;
    err_set(&e, ERR_UNKNOWN_CHANNEL, "Not granted any more.");
    channels_error(c, &e, &l->refused, request_id);
}

void channels_replay(struct conn *c, const char *cursor, const struct position *from) {
    sync_new(c, SYNC_REPLAY, cursor)->from = *from;
    feed_resume(c->server->feed, c, from, on_resumed);
}

bool channels_resume(struct conn *c, const char *session, const char *cursor,
                     const char *request_id, struct err *e) {
    struct channel_lists lists = {.conn = c};
    struct position from;
    if (c->proto_data)
        return err_set(e, ERR_INVALID_REQUEST, "A resume is under way.");
    if (!position_parse(cursor, &from) || from.venue != c->who.venue)
        return err_set(e, ERR_INVALID_CURSOR, "The cursor is malformed or of another venue.");
    char *channels = session_open(c, session);
    if (!channels)
        return err_set(e, ERR_INVALID_SESSION,
                       "The session is not one of this account, or too old.");
    channels_restore(&lists, channels);
    x_free(channels);
    channels_acknowledge(c, said_subscribed.type, &lists.granted, cursor, request_id);
    refused_tell(c, &lists, request_id);
    lists_free(&lists);
    channels_replay(c, cursor, &from);
    return true;
}
