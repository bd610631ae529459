/* channels_encode.c - events as the messages of /ws (SPEC 5.1), made once an event and mask class.
 *
 * Everything comes from the event alone, so a replay shows the past. The aggregates are passed on
 * as they are; only a reservation's status is written as people read it (S3).
 */
#include "config.h"

#include "proto/channels_inner.h"

#include "base/put.h"
#include "core/message.h"
#include "core/states.h"

#include <string.h>

#define VARIANT_GUEST 2u /* without what is the staff's */

static const struct json *aggregate(const struct event *e, unsigned variant) {
    bool masked = variant & VARIANT_MASKED;
    const struct json *doc = event_new(e, masked);
    return doc ? doc : event_old(e, masked); /* gone: as it last was */
}

struct copying {
    struct str *out;
    const struct json *status; /* instead of the document's own; NULL: as it is */
    const char *text;          /* the same as a constant */
};

static bool copy_member(const char *key, const struct json *v, void *ctx) {
    struct copying *copy = ctx;
    bool status = strcmp(key, "status") == 0;
    if (strcmp(key, "statusText") == 0)
        return true;
    if (status && copy->text)
        put_text(copy->out, key, copy->text);
    else
        put_value(copy->out, key, status && copy->status ? copy->status : v);
    return true;
}

static void put_reservation(const struct event *e, unsigned variant, struct str *out) {
    const struct json *doc = aggregate(e, variant);
    struct copying copy = {out, json_get(doc, "statusText"),
                           event_did(e, "upcoming") ? "Upcoming" : NULL};
    json_each(doc, copy_member, &copy);
}

static void put_table(const struct event *e, unsigned variant, struct str *out) {
    const struct json *old = event_new(e, false) ? event_old(e, false) : NULL;
    struct copying copy = {.out = out};
    json_each(aggregate(e, variant), copy_member, &copy);
    if (json_get(old, "status"))
        put_value(out, "oldStatus", json_get(old, "status"));
    if (json_get(old, "floor"))
        put_value(out, "oldFloor", json_get(old, "floor"));
}

static void put_plain(const struct event *e, unsigned variant, struct str *out) {
    struct copying copy = {.out = out};
    json_each(aggregate(e, variant), copy_member, &copy);
}

/* What of an order is the staff's, as maitred.order_for leaves it out of a guest's answers. */
static bool of_staff(const char *key) {
    static const char *const keys[] = {"waiter_id", "notes", "updated_by"};
    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
        if (str_eq(key, keys[i]))
            return true;
    return false;
}

static bool guest_payment_member(const char *key, const struct json *v, void *ctx) {
    put_value(ctx, key, str_eq(key, "created_by") ? NULL : v);
    return true;
}

static bool guest_member(const char *key, const struct json *v, void *ctx) {
    struct str *out = ctx;
    if (!str_eq(key, "payments")) {
        put_value(out, key, of_staff(key) ? NULL : v);
        return true;
    }
    put_open(out, key, '[');
    for (size_t i = 0; i < json_length(v); i++) {
        put_open(out, NULL, '{');
        json_each(json_at(v, i), guest_payment_member, out);
        put_close(out, '}');
    }
    put_close(out, ']');
    return true;
}

static void put_order(const struct event *e, unsigned variant, struct str *out) {
    if (variant & VARIANT_GUEST)
        json_each(aggregate(e, variant), guest_member, out);
    else
        put_plain(e, variant, out);
}

static bool status_changed(const struct event *e) {
    return event_did(e, "updated") && json_get(event_old(e, false), "order_status");
}

static bool did_create(const struct event *e) {
    return event_did(e, "created");
}

static bool did_announce(const struct event *e) {
    return event_did(e, "upcoming");
}

/* The first row that fits says what the message is called. */
static const struct wording {
    const char *kind;
    bool (*when)(const struct event *e); /* NULL: otherwise */
    const char *type, *member;
    void (*put)(const struct event *e, unsigned variant, struct str *out);
    const char *schema; /* of the member, in docs/schemas */
} wordings[] = {
    {"reservation", did_create, "new_reservation", "reservation", put_reservation,
     "LiveReservation"},
    {"reservation", did_announce, "upcoming_reservation", "reservation", put_reservation,
     "LiveReservation"},
    {"reservation", NULL, "reservation_update", "reservation", put_reservation, "LiveReservation"},
    {"booking", did_create, "new_reservation", "reservation", put_reservation, "LiveReservation"},
    {"booking", did_announce, "upcoming_reservation", "reservation", put_reservation,
     "LiveReservation"},
    {"booking", NULL, "reservation_update", "reservation", put_reservation, "LiveReservation"},
    {"table", NULL, "table_update", "table", put_table, "LiveTable"},
    {"order", did_create, "order_created", "order", put_order, "Order"},
    {"order", status_changed, "order_status_changed", "order", put_order, "Order"},
    {"order", NULL, "order_update", "order", put_order, "Order"},
    {"notification", NULL, "notification", "notification", put_plain, "LiveNotification"},
    {"service_request", NULL, "notification", "notification", put_plain, "LiveNotification"},
    {"room", NULL, "room_update", "room", put_plain, "Room"},
    {"menu_item", NULL, "menu_item_update", "item", put_plain, "MenuItem"},
    {"menu_category", NULL, "menu_category_update", "category", put_plain, "MenuCategory"},
};

unsigned channels_variant(const struct conn *c, const struct event *e, unsigned masked) {
    bool guest = c->who.role == ROLE_GUEST && event_is(e, "order");
    return masked | (guest ? VARIANT_GUEST : 0);
}

static const struct wording *wording_of(const struct event *e) {
    for (unsigned i = 0; i < sizeof wordings / sizeof *wordings; i++)
        if (event_is(e, wordings[i].kind) && (!wordings[i].when || wordings[i].when(e)))
            return &wordings[i];
    return NULL;
}

const struct said said_resync = {.type = "resync", .schema = "ChannelNames"};
const struct said said_snapshot = {.type = "snapshot", .schema = "ChannelSnapshot"};

void channels_words(struct words *w) {
    for (const struct figure *f = states_figures; f->op; f++)
        w->say(w, &(struct said){.type = f->type,
                                 .member = f->member,
                                 .schema = op_find(f->op)->answer,
                                 .topics = f->topics});
    for (unsigned i = 0; i < sizeof wordings / sizeof *wordings; i++)
        w->say(w, &(struct said){.type = wordings[i].type,
                                 .member = wordings[i].member,
                                 .schema = wordings[i].schema,
                                 .kind = wordings[i].kind,
                                 .marks = SAID_DELETED});
    w->say(w, &said_resync);
    w->say(w, &said_snapshot);
}

struct frame *channels_encode(const struct event *e, unsigned variant) {
    const struct wording *w = wording_of(e);
    struct str out = STR_INIT;
    if (!w)
        return NULL;
    message_begin(&out, w->type, e->timestamp, e->position);
    put_open(&out, w->member, '{');
    w->put(e, variant, &out);
    if (event_is(e, "service_request"))
        put_bool(&out, "service_request", true); /* its ids are not a notification's */
    put_close(&out, '}');
    if (event_did(e, "deleted"))
        put_bool(&out, "deleted", true);
    put_close(&out, '}');
    struct frame *f = frame_new(out.p, out.len, false);
    str_free(&out);
    return f;
}
