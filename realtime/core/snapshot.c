/* snapshot.c - asks, asks again, shows and releases. See snapshot.h. Called by the protos. */
#include "config.h"

#include "core/snapshot.h"

#include "core/hub.h"
#include "data/position.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RETRY_MS 1000

static void refused(struct conn *c, const struct err *e) {
    conn_push_error(c, e);
    conn_close(c, err_close(e->http == 404 ? ERR_NOT_FOUND : ERR_INTERNAL), "no such thing here");
}

static bool show(const struct snapshot *s, struct conn *c, const struct answer *answer,
                 int64_t *seq) {
    struct err e;
    struct position at;
    struct json *docs = json_parse(answer->body ? answer->body : "", answer->body_len, &e);
    bool ok = docs && answer->position && position_parse(answer->position, &at);
    if (ok) {
        s->show(c, docs, answer->position);
        *seq = at.seq;
    }
    if (docs)
        json_free(docs);
    return ok;
}

static void on_answer(void *ctx, const struct answer *answer, const struct err *e) {
    struct snapshot *s = ctx;
    struct conn *c = conn_find(s->server, s->conn);
    int64_t seq = 0;
    s->out = false;
    if (!c)
        return;
    if (s->again)
        snapshot_ask(s, c);
    else if (e && (e->code == ERR_UNAVAILABLE || e->code == ERR_TIMEOUT))
        loop_timer(s->server->loop, &s->retry, loop_now(s->server->loop) + RETRY_MS);
    else if (e)
        refused(c, e);
    else if (show(s, c, answer, &seq))
        hub_release(c, seq);
    else
        conn_close(c, err_close(ERR_INTERNAL), "no snapshot");
}

void snapshot_ask(struct snapshot *s, struct conn *c) {
    struct op_values values = {.n = 2, .v = {s->kind, *s->id ? s->id : NULL}};
    s->begun = s->out = true;
    s->again = false;
    dba_call(s->server->actions, op_find("channel_snapshot"), &c->who, &values, NULL, on_answer, s);
}

static void on_retry(struct timer *t) {
    struct snapshot *s = container_of(t, struct snapshot, retry);
    struct conn *c = conn_find(s->server, s->conn);
    if (c)
        snapshot_ask(s, c);
}

void snapshot_resync(struct snapshot *s, struct conn *c) {
    if (s->begun && !s->out && !s->retry.slot) {
        hub_hold(c);
        snapshot_ask(s, c);
    } else {
        s->again = s->out;
    }
}

void snapshot_init(struct snapshot *s, struct conn *c, const char *kind, int64_t id,
                   void (*shown)(struct conn *c, const struct json *docs, const char *position)) {
    memset(s, 0, sizeof *s);
    s->server = c->server;
    s->conn = c->id;
    s->kind = kind;
    s->show = shown;
    s->retry.fire = on_retry;
    if (id)
        snprintf(s->id, sizeof s->id, "%" PRId64, id);
}

void snapshot_end(struct snapshot *s) {
    if (s->server->actions)
        dba_forget(s->server->actions, s);
    loop_timer_off(s->server->loop, &s->retry);
}
