/* conn.c - the life of a connection: made, found by id, pushed to, flushed, closed, killed.
 *
 * Called by the links (new, kill, wait), the protos and the hub (push, close). Owns the list of all
 * connections, their ids and the dirty list; a conn's memory goes through the loop's dead list.
 */
#include "config.h"

#include "core/conn.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "core/hub.h"
#include "core/leases.h"
#include "core/limits.h"
#include "core/metrics.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

/* An id is a serial number and, in the low bits, the place in `slots`: found without a hash. */
#define SLOT_BITS   20
#define SLOT_MASK   ((1u << SLOT_BITS) - 1)
#define SLOTS_FIRST 64
#define WAIT_MAX_MS 3600000
#define UNTRIED_FACTOR 16

static uint64_t id_take(struct server *s, struct conn *c) {
    if (s->nconns == s->nslots) {
        unsigned more = s->nslots ? 2 * s->nslots : SLOTS_FIRST;
        require(more <= SLOT_MASK + 1);
        s->slots = x_realloc(s->slots, more * sizeof(struct conn *));
        memset(s->slots + s->nslots, 0, (more - s->nslots) * sizeof(struct conn *));
        s->free_slot = s->nslots;
        s->nslots = more;
    }
    while (s->slots[s->free_slot])
        s->free_slot = (s->free_slot + 1) % s->nslots;
    s->slots[s->free_slot] = c;
    return ++s->next_conn_id << SLOT_BITS | s->free_slot;
}

struct conn *conn_find(struct server *s, uint64_t id) {
    uint64_t slot = id & SLOT_MASK;
    struct conn *c = slot < s->nslots ? s->slots[slot] : NULL;
    return c && c->id == id && c->state == CONN_OPEN ? c : NULL;
}

static void list_add(struct server *s, struct conn *c) {
    c->next = s->conns;
    if (s->conns)
        s->conns->prev = c;
    s->conns = c;
    s->nconns++;
}

static void list_remove(struct server *s, struct conn *c) {
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    s->slots[c->id & SLOT_MASK] = NULL;
    s->nconns--;
}

struct conn *conn_new(struct server *s, const struct link *link, const struct proto *proto,
                      const struct principal *who, const char *address) {
    struct conn *c = x_new(struct conn);
    c->link = link;
    c->proto = proto;
    c->server = s;
    c->who = *who;
    c->masked = role_masked(who->role);
    c->opened_s = c->last_seen_s = clock_wall_s();
    snprintf(c->address, sizeof c->address, "%s", address);
    c->id = id_take(s, c);
    list_add(s, c);
    metric_add(s->metrics, METRIC_HANDSHAKES, 1);
    conn_wait(c, UINT64_MAX);
    if (!link->brief && who->venue)
        leases_open(s->leases, c);
    return c;
}

/* The place that it had counts for the new one. */
static bool place_move(struct conn *c, const struct principal *who, struct err *e) {
    struct limits *l = c->server->limits;
    struct err ignored;
    limits_give(l, &c->who, c->address);
    if (limits_take(l, who, c->address, e))
        return true;
    require(limits_take(l, &c->who, c->address, &ignored)); /* given back a moment ago */
    return false;
}

bool conn_identify(struct conn *c, const struct principal *who, struct err *e) {
    bool fresh = !c->who.venue;
    if (!fresh && (c->who.venue != who->venue || c->who.account != who->account))
        return err_set(e, ERR_FORBIDDEN, "The connection is another account's.");
    if (fresh && !place_move(c, who, e))
        return false;
    c->who = *who;
    c->masked = role_masked(who->role);
    if (fresh)
        leases_open(c->server->leases, c);
    conn_wait(c, loop_now(c->server->loop)); /* the token's end counts from now on */
    return true;
}

void conn_rest(struct conn *c) {
    c->resting = true;
    limits_give(c->server->limits, &c->who, c->address);
}

bool conn_return(struct conn *c) {
    struct err ignored;
    err_clear(&ignored);
    c->resting = !limits_take(c->server->limits, &c->who, c->address, &ignored);
    return !c->resting;
}

/* waiting */

/* Counted from the wall clock each time, so that a clock that was set right counts. */
static uint64_t expiry_due(const struct conn *c, uint64_t now) {
    if (!c->who.exp)
        return UINT64_MAX;
    int64_t left = c->who.exp * 1000 - clock_wall_ms();
    return left <= 0 ? now : now + (uint64_t)left;
}

void conn_wait(struct conn *c, uint64_t due) {
    if (c->state == CONN_DEAD)
        return;
    uint64_t now = loop_now(c->server->loop);
    uint64_t exp = c->state == CONN_OPEN ? expiry_due(c, now) : UINT64_MAX;
    due = exp < due ? exp : due;
    wheel_arm(c->server->wheel, &c->tick, due < now + WAIT_MAX_MS ? due : now + WAIT_MAX_MS);
}

static void conn_tick(struct wheel_item *i) {
    struct conn *c = container_of(i, struct conn, tick);
    uint64_t now = loop_now(c->server->loop);
    outq_trim(&c->out);
    if (c->state == CONN_OPEN && expiry_due(c, now) <= now)
        conn_close(c, err_close(ERR_TOKEN_EXPIRED), "token expired");
    conn_wait(c, c->link->tick(c, now));
}

/* pushing */

void conn_mark_dirty(struct conn *c) {
    struct server *s = c->server;
    if (c->dirty || c->state == CONN_DEAD)
        return;
    c->dirty = true;
    c->next_dirty = NULL;
    *s->dirty_end = c;
    s->dirty_end = &c->next_dirty;
    loop_wait_at_most(s->loop, 0); /* pushed by a hook that runs after the flush */
}

/* What one turn queues has not been offered to the socket yet, so it says nothing about the peer. */
static size_t queue_limit(const struct conn *c) {
    size_t limit = (size_t)c->server->settings->queue_bytes;
    return c->blocked ? limit : UNTRIED_FACTOR * limit;
}

bool conn_push(struct conn *c, struct frame *f, uint64_t key) {
    struct server *s = c->server;
    if (c->state != CONN_OPEN)
        return false;
    enum outq_result r = outq_push(&c->out, f, key, queue_limit(c));
    if (r == OUTQ_FULL) {
        metric_add(s->metrics, METRIC_QUEUE_DROPS, 1);
        conn_close(c, err_close(ERR_OVERLOADED), "too slow; resume later");
        return false;
    }
    metric_add(s->metrics, r == OUTQ_REPLACED ? METRIC_STATES_REPLACED : METRIC_MESSAGES_OUT, 1);
    conn_mark_dirty(c);
    return true;
}

bool conn_push_text(struct conn *c, const char *text, size_t len) {
    struct frame *f = frame_new(text, len, false);
    bool pushed = conn_push(c, f, 0);
    frame_unref(f);
    return pushed;
}

static void member_put(struct str *out, const char *name, const char *value) {
    str_printf(out, ",\"%s\":", name);
    json_put_string(out, value);
}

static void fields_put(struct str *out, const struct err *e) {
    int n = e->nfields < ERR_FIELDS_MAX ? e->nfields : ERR_FIELDS_MAX;
    if (!n)
        return;
    str_puts(out, ",\"errors\":[");
    for (int i = 0; i < n; i++) {
        str_puts(out, i ? ",{\"field\":" : "{\"field\":");
        json_put_string(out, e->fields[i].field);
        member_put(out, "code", e->fields[i].code);
        member_put(out, "detail", e->fields[i].detail);
        str_putc(out, '}');
    }
    str_putc(out, ']');
}

void conn_put_error(struct str *out, const struct err *e) {
    member_put(out, "code", e->slug);
    member_put(out, "detail", *e->detail ? e->detail : err_title(e->code));
    fields_put(out, e);
    if (e->retry_after)
        str_printf(out, ",\"retry_after\":%d", e->retry_after);
}

void conn_push_error(struct conn *c, const struct err *e) {
    struct str out = STR_INIT;
    str_puts(&out, "{\"type\":\"error\"");
    conn_put_error(&out, e);
    str_putc(&out, '}');
    conn_push_text(c, out.p, out.len);
    str_free(&out);
}

bool conn_allow_message(struct conn *c) {
    struct server *s = c->server;
    uint64_t now = loop_now(s->loop);
    if (now - c->window_start >= 1000) {
        c->window_start = now;
        c->window_count = 0;
    }
    metric_add(s->metrics, METRIC_MESSAGES_IN, 1);
    if (++c->window_count <= (unsigned long)s->settings->messages_per_second)
        return true;
    metric_add(s->metrics, METRIC_RATE_CLOSED, 1);
    conn_close(c, err_close(ERR_RATE_LIMITED), "too many messages");
    return false;
}

/* flushing */

void conn_flush_dirty(struct server *s) {
    while (s->dirty) {
        struct conn *c = s->dirty;
        s->dirty = c->next_dirty;
        if (!s->dirty)
            s->dirty_end = &s->dirty;
        c->dirty = false;
        if (c->state != CONN_DEAD)
            c->link->flush(c);
    }
    metrics_flushed(s->metrics);
}

static void flush_hook(struct turn_hook *h) {
    conn_flush_dirty(container_of(h, struct server, flush_hook));
}

static void dirty_remove(struct server *s, struct conn *c) {
    struct conn **at = &s->dirty;
    while (*at && *at != c)
        at = &(*at)->next_dirty;
    require(*at);
    *at = c->next_dirty;
    if (!*at)
        s->dirty_end = at;
}

/* going */

void conn_close(struct conn *c, int code, const char *reason) {
    if (c->state != CONN_OPEN)
        return;
    c->state = CONN_CLOSING;
    c->close_code = (uint16_t)code;
    c->link->close(c, code, reason);
    conn_mark_dirty(c);
}

static void log_gone(const struct conn *c) {
    char id[INT_TEXT_MAX], code[INT_TEXT_MAX], account[INT_TEXT_MAX], seconds[INT_TEXT_MAX];
    int_text((long long)c->id, id);
    int_text(c->close_code, code);
    int_text(c->who.account, account);
    int_text(clock_wall_s() - c->opened_s, seconds);
    log_event(c->link->brief ? LOG_DEBUG : LOG_INFO, "connection closed", "conn", id, "link", c->link->name, "protocol",
              c->proto->name, "venue", c->who.slug, "account", account, "code", code, "seconds",
              seconds, NULL);
}

static void conn_free(void *obj) {
    struct conn *c = obj;
    if (c->dirty)
        dirty_remove(c->server, c);
    c->link->destroy(c);
    outq_free(&c->out);
    x_free(c);
}

void conn_kill(struct conn *c) {
    struct server *s = c->server;
    if (c->state == CONN_DEAD)
        return;
    if (c->proto->closed)
        c->proto->closed(c);
    leases_give(s->leases, c);
    if (s->hub)
        hub_drop(s->hub, c);
    c->state = CONN_DEAD;
    metric_add(s->metrics, METRIC_FAILED_DELIVERIES, c->out.count);
    wheel_off(&c->tick);
    list_remove(s, c);
    if (!c->resting)
        limits_give(s->limits, &c->who, c->address);
    log_gone(c);
    loop_dead(s->loop, c, conn_free);
}

void conns_init(struct server *s) {
    s->dirty_end = &s->dirty;
    s->flush_hook.run = flush_hook;
    s->wheel = wheel_new(s->loop, conn_tick);
    loop_hook(s->loop, &s->flush_hook);
}

void conns_free(struct server *s) {
    require(!s->nconns);
    wheel_free(s->wheel);
    x_free(s->slots);
}
