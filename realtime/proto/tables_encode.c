/* tables_encode.c - a table's event as the floor plan hears it (SPEC 5.5, seed 004): table:created,
 * table:status_changed, table:updated, table:deleted, and the entries of tables:batch_update.
 *
 * Made from the event alone, once an event and view, and kept with it. An event in which the status
 * and something else changed is two packets; the first carries the position before the event, so
 * that who breaks off between them meets both again. Every packet's last argument is the position
 * that it acknowledges, which is what connection state recovery comes back with.
 */
#include "config.h"

#include "proto/tables_inner.h"

#include "base/put.h"
#include "core/hub.h"
#include "data/position.h"

#include <string.h>

/* How a table that changed floor looks from a client's rooms. A variant is: bit 0 masked, bits 1
 * and 2 the view, bits 3 and 4 the slot. */
enum view { VIEW_WHOLE, VIEW_ARRIVES, VIEW_LEAVES };
enum slot { SLOT_FIRST, SLOT_SECOND, SLOT_STEP }; /* the packets; the entry of a batch */
#define VARIANT(view, slot) ((unsigned)(view) << 1 | (unsigned)(slot) << 3)
#define VIEW_OF(variant)    ((enum view)((variant) >> 1 & 3u))

/* ------------------------------------------------------------------ which view */

bool tables_hears(const struct conn *c, int64_t floor) {
    return hub_subscribed(c, (struct topic){TOPIC_RESTAURANT_TABLES, 0}) ||
           hub_subscribed(c, (struct topic){TOPIC_FLOOR, floor});
}

/* The floors that it reaches are where the table is now and, when it moved, where it was
 * (core/event.c): asked of the topics, since there is no need for the documents. */
unsigned tables_variant(const struct conn *c, const struct event *e, unsigned masked) {
    const struct topic *floors[2];
    unsigned n = 0;
    for (unsigned i = 0; i < e->ntopics && n < 2; i++)
        if (e->topics[i].kind == TOPIC_FLOOR)
            floors[n++] = &e->topics[i];
    if (n < 2)
        return masked;
    bool here = tables_hears(c, floors[0]->id), there = tables_hears(c, floors[1]->id);
    return masked | VARIANT(here == there ? VIEW_WHOLE : here ? VIEW_ARRIVES : VIEW_LEAVES, 0);
}

/* ------------------------------------------------------------------ the packets' data */

struct look { /* an event as one view has it */
    const struct event *e;
    const struct json *now, *old;
};

static void put_step(struct str *out, const struct look *l, const char *status) {
    put_value(out, "tableId", json_get(l->now, "id"));
    put_value(out, "tableNumber", json_get(l->now, "tableNumber"));
    put_value(out, "oldStatus", json_get(l->old, "status"));
    put_value(out, status, json_get(l->now, "status"));
    put_text(out, "updatedBy", l->e->actor);
    put_text(out, "updatedAt", l->e->timestamp);
    if (json_string(json_get(l->now, "notes"), NULL))
        put_value(out, "notes", json_get(l->now, "notes"));
    put_value(out, "version", json_get(l->now, "version"));
    put_text(out, "eventId", l->e->position);
}

static void put_status(struct str *out, const struct look *l) {
    put_step(out, l, "newStatus");
}

static bool copy(const char *key, const struct json *v, void *ctx) {
    put_value(ctx, key, v);
    return true;
}

static void put_created(struct str *out, const struct look *l) {
    json_each(l->now, copy, out);
}

/* What accompanies every change is no change; what comes with a step is told by it. */
static bool told(const char *key, bool step) {
    static const char *const always[] = {"version", "updatedBy", "updatedAt", "isActive", NULL};
    static const char *const by_step[] = {"status", "notes", "session", NULL};
    for (const char *const *k = always; *k; k++)
        if (str_eq(*k, key))
            return true;
    for (const char *const *k = by_step; step && *k; k++)
        if (str_eq(*k, key))
            return true;
    return false;
}

struct changes {
    const struct look *look;
    bool step;
    struct str *out; /* NULL: only whether there are any */
    bool any;
};

static bool change(const char *key, const struct json *v, void *ctx) {
    struct changes *c = ctx;
    (void)v;
    if (told(key, c->step))
        return true;
    c->any = true;
    if (c->out)
        put_value(c->out, key, json_get(c->look->now, key));
    return c->out != NULL;
}

static bool is_step(const struct look *l) {
    return json_get(l->old, "status") != NULL;
}

static void put_updated(struct str *out, const struct look *l) {
    struct changes c = {l, is_step(l), out, false};
    put_value(out, "tableId", json_get(l->now, "id"));
    put_open(out, "changes", '{');
    json_each(l->old, change, &c);
    put_close(out, '}');
    put_text(out, "updatedBy", l->e->actor);
    put_text(out, "updatedAt", l->e->timestamp);
    put_value(out, "version", json_get(l->now, "version"));
    put_text(out, "eventId", l->e->position);
}

static void put_deleted(struct str *out, const struct look *l) {
    const struct json *doc = l->now ? l->now : l->old;
    put_value(out, "tableId", json_get(doc, "id"));
    put_value(out, "tableNumber", json_get(doc, "tableNumber"));
    put_text(out, "deletedBy", l->e->actor);
    put_text(out, "deletedAt", l->e->timestamp);
    put_text(out, "eventId", l->e->position);
}

static const struct packet {
    const char *name;
    void (*put)(struct str *out, const struct look *l);
} status_changed = {"table:status_changed", put_status}, created = {"table:created", put_created},
  updated = {"table:updated", put_updated}, deleted = {"table:deleted", put_deleted};

/* ------------------------------------------------------------------ which packets */

static bool active(const struct json *doc) {
    bool is = true;
    return doc && (!json_bool(json_get(doc, "isActive"), &is) || is);
}

/* A table that is deleted stays as a row that is not active. */
static bool was_active(const struct look *l) {
    bool was;
    if (!l->now || event_did(l->e, "created"))
        return l->now ? false : active(l->old);
    return json_bool(json_get(l->old, "isActive"), &was) ? was : active(l->now);
}

static unsigned packets_of(const struct look *l, enum view view, const struct packet *out[2]) {
    bool was = was_active(l) && view != VIEW_ARRIVES;
    bool is = active(l->now) && view != VIEW_LEAVES;
    unsigned n = 0;
    if (was != is)
        out[n++] = is ? &created : &deleted;
    if (!was || !is)
        return n;
    struct changes others = {l, is_step(l), NULL, false};
    json_each(l->old, change, &others);
    if (others.step)
        out[n++] = &status_changed;
    if (others.any)
        out[n++] = &updated;
    return n;
}

static struct look look_at(const struct event *e, unsigned variant) {
    bool masked = variant & VARIANT_MASKED;
    return (struct look){e, event_new(e, masked), event_old(e, masked)};
}

/* Everything up to the event before. */
static const char *before(const struct event *e, char buf[POSITION_MAX]) {
    struct position at;
    if (!position_parse(e->position, &at))
        return e->position;
    at.seq--;
    return position_format(&at, buf);
}

static void data_put(struct str *out, const char *key, const struct packet *p,
                     const struct look *l) {
    put_open(out, key, '{');
    p->put(out, l);
    put_close(out, '}');
}

static struct frame *frame_of(const struct packet *p, const struct look *l, const char *position) {
    struct str out = STR_INIT;
    sio_begin(&out, TABLES_NAMESPACE);
    put_text(&out, NULL, p->name);
    data_put(&out, NULL, p, l);
    put_text(&out, NULL, position);
    return sio_end(&out);
}

static struct frame *entry_of(const struct look *l) {
    struct str out = STR_INIT;
    put_open(&out, NULL, '{');
    put_step(&out, l, "status");
    put_close(&out, '}');
    struct frame *f = frame_new(out.p, out.len, false);
    str_free(&out);
    return f;
}

/* ------------------------------------------------------------------ kept with the event */

/* All three slots at once, while the event's documents are parsed. */
static void make(struct event *e, unsigned variant) {
    struct look l = look_at(e, variant);
    const struct packet *packets[2];
    char buf[POSITION_MAX];
    unsigned n = event_is(e, "table") ? packets_of(&l, VIEW_OF(variant), packets) : 0;
    bool step = n == 1 && packets[0] == &status_changed;
    event_keep(e, TABLES_LANGUAGE, variant | VARIANT(0, SLOT_FIRST),
               n ? frame_of(packets[0], &l, n == 2 ? before(e, buf) : e->position) : NULL);
    event_keep(e, TABLES_LANGUAGE, variant | VARIANT(0, SLOT_SECOND),
               n == 2 ? frame_of(packets[1], &l, e->position) : NULL);
    event_keep(e, TABLES_LANGUAGE, variant | VARIANT(0, SLOT_STEP), step ? entry_of(&l) : NULL);
}

static struct frame *kept(const struct event *e, unsigned variant, enum slot slot) {
    const struct encoding *k = event_encoding(e, TABLES_LANGUAGE, variant | VARIANT(0, slot));
    return k ? k->frame : NULL;
}

bool tables_says(struct event *e, unsigned variant) {
    if (!event_encoding(e, TABLES_LANGUAGE, variant | VARIANT(0, SLOT_FIRST)))
        make(e, variant);
    return kept(e, variant, SLOT_FIRST) != NULL;
}

static bool is_batched(const struct saying *s) {
    return kept(s->event, s->variant, SLOT_STEP) != NULL;
}

static struct frame *batch_of(const struct saying *steps, unsigned n) {
    struct str out = STR_INIT;
    sio_begin(&out, TABLES_NAMESPACE);
    put_text(&out, NULL, "tables:batch_update");
    put_open(&out, NULL, '[');
    for (unsigned i = 0; i < n; i++)
        put_json(&out, NULL, kept(steps[i].event, steps[i].variant, SLOT_STEP)->text);
    put_close(&out, ']');
    put_text(&out, NULL, steps[n - 1].event->position);
    return sio_end(&out);
}

/* How many of the first ones are status steps, at most a batch's worth. */
static unsigned run_of(const struct saying *list, unsigned n) {
    unsigned run = 0;
    while (run < n && run < TABLES_BATCH_MAX && is_batched(&list[run]))
        run++;
    return run;
}

unsigned tables_frames(const struct saying *list, unsigned n, struct frame **out) {
    unsigned made = 0;
    for (unsigned i = 0, run; i < n; i += run) {
        run = run_of(&list[i], n - i);
        if (run > 1) {
            out[made++] = batch_of(&list[i], run);
            continue;
        }
        run = 1;
        struct frame *second = kept(list[i].event, list[i].variant, SLOT_SECOND);
        out[made++] = frame_ref(kept(list[i].event, list[i].variant, SLOT_FIRST));
        if (second)
            out[made++] = frame_ref(second);
    }
    return made;
}

void tables_put_events(struct str *out, const struct saying *list, unsigned n) {
    const struct packet *packets[2];
    for (unsigned i = 0; i < n; i++) {
        struct look l = look_at(list[i].event, list[i].variant);
        unsigned m = packets_of(&l, VIEW_OF(list[i].variant), packets);
        for (unsigned j = 0; j < m; j++) {
            put_open(out, NULL, '{');
            put_text(out, "event", packets[j]->name);
            data_put(out, "data", packets[j], &l);
            put_text(out, "eventId", l.e->position);
            put_close(out, '}');
        }
        event_trim(list[i].event);
    }
}
