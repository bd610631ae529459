/* event.c - from a row of the feed to an event, and the table of where events go. See event.h. */
#include "config.h"

#include "core/event.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "data/position.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Which topics an event reaches, by the aggregate it is about. `ref` names the member of refs that
 * holds the topic's id (0: it has none, and is reached only so); NULL: it always is. A room of the
 * other kind of venue has no members, so the table does not ask which kind the venue is. */
static const struct route {
    const char *kind; /* of the aggregate: what stands before the dot of the type */
    enum topic_kind topic;
    const char *ref;
} routes[] = {
    {"table", TOPIC_RESTAURANT_TABLES, NULL},
    {"table", TOPIC_FLOOR, "floor"},
    {"table", TOPIC_FLOOR, "old_floor"},
    {"table", TOPIC_TABLE, "table"},
    {"table", TOPIC_SESSION, "session"},
    {"table", TOPIC_SESSION, "old_session"},
    {"order", TOPIC_RESTAURANT_ORDERS, NULL},
    {"order", TOPIC_HOTEL_ORDERS, NULL},
    {"order", TOPIC_ORDER, "order"},
    {"order", TOPIC_RESTAURANT, NULL},
    {"reservation", TOPIC_RESTAURANT_RESERVATIONS, NULL},
    {"reservation", TOPIC_HOTEL_RESERVATIONS, NULL},
    {"booking", TOPIC_HOTEL_RESERVATIONS, NULL},
    {"booking", TOPIC_HOTEL, NULL},
    {"room", TOPIC_HOTEL_ROOMS, NULL},
    {"room", TOPIC_HOTEL, NULL},
    {"menu_item", TOPIC_RESTAURANT_MENU, NULL},
    {"menu_item", TOPIC_HOTEL_MENU, NULL},
    {"menu_category", TOPIC_RESTAURANT_MENU, NULL},
    {"menu_category", TOPIC_HOTEL_MENU, NULL},
    {"notification", TOPIC_RESTAURANT_NOTIFICATIONS, NULL},
    {"notification", TOPIC_HOTEL_NOTIFICATIONS, NULL},
    {"notification", TOPIC_WAITER, "waiter"},
    {"notification", TOPIC_WAITERS, "everybody"},
    {"notification", TOPIC_MANAGERS, "managers"},
    {"notification", TOPIC_RESTAURANT, NULL},
    {"notification", TOPIC_HOTEL, NULL},
    {"service_request", TOPIC_RESTAURANT_NOTIFICATIONS, NULL},
    {"service_request", TOPIC_HOTEL_NOTIFICATIONS, NULL},
    {"service_request", TOPIC_SESSION, "session"},
};
#define ROUTES (sizeof routes / sizeof *routes)

bool event_reaches(const char *kind, enum topic_kind topic) {
    for (const struct route *r = routes; r < routes + ROUTES; r++)
        if (r->topic == topic && str_eq(r->kind, kind))
            return true;
    return false;
}

bool event_is(const struct event *e, const char *kind) {
    size_t len = strlen(kind);
    return strncmp(e->type, kind, len) == 0 && e->type[len] == '.';
}

bool event_did(const struct event *e, const char *verb) {
    const char *dot = strchr(e->type, '.');
    return dot && strcmp(dot + 1, verb) == 0;
}

int event_topics(const struct event *e, struct topic out[EVENT_TOPICS_MAX]) {
    const struct json *refs = event_doc(e, EVENT_REFS);
    int n = 0;
    for (const struct route *r = routes; r < routes + ROUTES && n < EVENT_TOPICS_MAX; r++) {
        int64_t id = 0;
        if (!event_is(e, r->kind) || (r->ref && !json_int(json_get(refs, r->ref), &id)))
            continue;
        out[n++] = (struct topic){r->topic, id};
    }
    return n;
}

/* ------------------------------------------------------------------ documents */

struct event_docs {
    char *text[EVENT_DOCS];
    struct json *tree[EVENT_DOCS];
};

const struct json *event_doc(const struct event *e, enum event_doc which) {
    struct event_docs *d = e->docs;
    if (which == EVENT_MASKED && !e->has_masked)
        which = EVENT_FULL;
    if (!d->tree[which] && d->text[which]) {
        struct err ignored; /* it was parsed before: event_parse */
        d->tree[which] = json_parse(d->text[which], strlen(d->text[which]), &ignored);
    }
    return d->tree[which];
}

static const struct json *side(const struct event *e, bool masked, const char *name) {
    const struct json *v = json_get(event_doc(e, masked ? EVENT_MASKED : EVENT_FULL), name);
    return json_type_of(v) == JSON_OBJECT ? v : NULL;
}

const struct json *event_new(const struct event *e, bool masked) {
    return side(e, masked, "new");
}

const struct json *event_old(const struct event *e, bool masked) {
    return side(e, masked, "old");
}

void event_trim(struct event *e) {
    for (int i = 0; i < EVENT_DOCS; i++) {
        if (e->docs->tree[i])
            json_free(e->docs->tree[i]);
        e->docs->tree[i] = NULL;
    }
}

bool instant_ms(const char *text, int64_t *ms) {
    struct tm tm = {0};
    int end = 0, millis = 0, digit = 100;
    if (!text ||
        sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6 ||
        !end)
        return false;
    const char *rest = text + end;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, digit /= 10)
            millis += digit * (*rest - '0');
    if (!str_eq(rest, "Z") && !str_eq(rest, "+00") && !str_eq(rest, "+00:00"))
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *ms = (int64_t)timegm(&tm) * 1000 + millis;
    return true;
}

/* ------------------------------------------------------------------ parsing */

static bool number(const char *text, int64_t *out) {
    long long v;
    if (!text || !str_to_int64(text, &v))
        return false;
    *out = v;
    return true;
}

static bool copy(char *out, size_t cap, const char *text) {
    return text && (size_t)snprintf(out, cap, "%s", text) < cap;
}

static bool head_parse(struct event *ev, const struct event_row *row, const char *epoch,
                       struct err *e) {
    struct position at = {.epoch = ""};
    if (!number(row->venue, &ev->venue) || !number(row->seq, &ev->seq) ||
        !number(row->entity, &ev->entity) || !instant_ms(row->at, &ev->at_ms) ||
        !copy(ev->type, sizeof ev->type, row->type))
        return err_set(e, ERR_INTERNAL, "an event's columns are not what the feed promises");
    if (!copy(at.epoch, sizeof at.epoch, epoch))
        return err_set(e, ERR_INTERNAL, "an epoch is %d hex digits", EPOCH_LEN);
    at.venue = ev->venue;
    at.seq = ev->seq;
    position_format(&at, ev->position);
    clock_iso_ms(ev->at_ms, ev->timestamp);
    ev->area = area_parse(row->area);
    ev->actor = x_strdup(row->actor ? row->actor : "system");
    ev->resync = strcmp(ev->type, "resync") == 0;
    return true;
}

static bool document_parse(struct event *ev, enum event_doc which, const char *text,
                           struct err *e) {
    if (!text)
        return err_set(e, ERR_INTERNAL, "a document is missing");
    ev->docs->text[which] = x_strdup(text);
    ev->docs->tree[which] = json_parse(text, strlen(text), e);
    return ev->docs->tree[which] != NULL;
}

static void documents_parse(struct event *ev, const struct event_row *row) {
    struct err e;
    ev->has_masked = row->masked && row->data && strcmp(row->masked, row->data) != 0;
    if (document_parse(ev, EVENT_REFS, row->refs, &e) &&
        document_parse(ev, EVENT_FULL, row->data, &e) &&
        (!ev->has_masked || document_parse(ev, EVENT_MASKED, row->masked, &e)))
        return;
    log_event(LOG_ERROR, "event unreadable, told as resync", "position", ev->position, "type",
              ev->type, "why", e.detail, NULL);
    strcpy(ev->type, "resync");
    ev->resync = true;
}

bool event_parse(const struct event_row *row, const char *epoch, struct event **out,
                 struct err *e) {
    struct event *ev = x_new(struct event);
    ev->refs = 1;
    ev->docs = x_new(struct event_docs);
    *out = NULL;
    if (!head_parse(ev, row, epoch, e)) {
        event_unref(ev);
        return false;
    }
    documents_parse(ev, row);
    ev->ntopics = (unsigned char)event_topics(ev, ev->topics);
    *out = ev;
    return true;
}

/* ------------------------------------------------------------------ encodings */

const struct encoding *event_encoding(const struct event *e, int language, unsigned variant) {
    for (unsigned i = 0; i < e->nencoded; i++)
        if (e->encoded[i].language == language && e->encoded[i].variant == variant)
            return &e->encoded[i];
    return NULL;
}

const struct encoding *event_keep(struct event *e, int language, unsigned variant,
                                  struct frame *f) {
    e->encoded = x_realloc(e->encoded, (e->nencoded + 1) * sizeof *e->encoded);
    e->encoded[e->nencoded] = (struct encoding){(unsigned char)language, (unsigned char)variant, f};
    return &e->encoded[e->nencoded++];
}

/* ------------------------------------------------------------------ life */

struct event *event_ref(struct event *e) {
    e->refs++;
    return e;
}

void event_unref(struct event *e) {
    require(e->refs > 0);
    if (--e->refs > 0)
        return;
    for (unsigned i = 0; i < e->nencoded; i++)
        if (e->encoded[i].frame)
            frame_unref(e->encoded[i].frame);
    x_free(e->encoded);
    event_trim(e);
    for (int i = 0; i < EVENT_DOCS; i++)
        x_free(e->docs->text[i]);
    x_free(e->docs);
    x_free(e->actor);
    x_free(e);
}
