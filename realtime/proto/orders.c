/* orders.c - /api/v1/ws/orders/live (SPEC 5.3, seed 001): new orders and changes of their status.
 *
 * It says what happens from now on; the list itself is GET /api/v1/orders. Where what was missed
 * can't be told one by one (a bulk change, a restored database) it says `resync`: read the list
 * again. Called by the WebSocket link; owns nothing.
 */
#include "config.h"

#include "proto/orders.h"

#include "base/clock.h"
#include "core/action.h"
#include "core/hub.h"
#include "core/message.h"
#include "core/words.h"
#include "link/http.h"
#include "proto/documents.h"

#include <inttypes.h>
#include <stdio.h>

static const struct said hello = {.type = "connection_established", .schema = "OrdersNotice"};
static const struct said resync = {.type = "resync", .schema = "OrdersNotice"};
static const struct said order_created = {
    .type = "order_created", .schema = "OrderMessage", .kind = "order"};
static const struct said order_stepped = {
    .type = "order_status_changed", .schema = "OrderMessage", .kind = "order"};

static const struct topic orders_topic = {TOPIC_RESTAURANT_ORDERS, 0};

static bool on_admit(struct server *s, const struct request *r, const struct principal *who,
                     struct err *e) {
    const char *asked = request_query(r, "restaurant_id");
    char own[24];
    (void)s;
    if (who->role == ROLE_GUEST)
        return err_set(e, ERR_FORBIDDEN, "A guest's orders are at /ws/orders/ID/");
    snprintf(own, sizeof own, "%" PRId64, who->venue);
    return !asked || str_eq(asked, own) || err_set(e, ERR_NOT_FOUND, "There is no such restaurant");
}

/* What is told once: `type` with the restaurant and a sentence. */
static void tell(struct conn *c, const char *type, const char *sentence) {
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX], cursor[POSITION_MAX];
    message_begin(&out, type, clock_iso_ms(clock_wall_ms(), now), message_cursor(c, cursor));
    str_printf(&out, ",\"restaurant_id\":%" PRId64 ",\"message\":\"%s\"}", c->who.venue, sentence);
    conn_push_text(c, out.p, out.len);
    str_free(&out);
}

static void on_open(struct conn *c, const struct request *r) {
    (void)r;
    hub_subscribe(c->server->hub, c, orders_topic);
    tell(c, hello.type, "Connected to live orders");
}

static void on_resync(struct conn *c) {
    tell(c, resync.type, "Many orders changed at once; read the list again");
}

/* A payment's status is one of an order's two. */
static bool status_changed(const struct event *e) {
    const struct json *old = event_old(e, false);
    return event_did(e, "updated") &&
           (json_get(old, "order_status") || json_get(old, "payment_status"));
}

static struct frame *encode(const struct event *e, unsigned variant) {
    bool created = event_did(e, "created");
    struct str out = STR_INIT;
    if (!event_is(e, "order") || (!created && !status_changed(e)))
        return NULL;
    message_begin(&out, created ? order_created.type : order_stepped.type, e->timestamp,
                  e->position);
    document_order(&out, document_of(e, variant & VARIANT_MASKED));
    str_putc(&out, '}');
    struct frame *f = frame_new(out.p, out.len, false);
    str_free(&out);
    return f;
}

static bool act(struct conn *c, const char *name, const struct json *message, struct err *e) {
    (void)c, (void)name, (void)message;
    return err_set(e, ERR_UNKNOWN_ACTION, "The only action is ping.");
}

static void on_message(struct conn *c, const char *text, size_t len, bool binary) {
    message_take(c, text, len, binary, act);
}

static const struct arg url_args[] = {
    {.name = "restaurant_id",
     .type = ARG_ID,
     .place = IN_QUERY,
     .help = "the token's; another is not found"},
    {0},
};

static void words(const char *path, struct words *w) {
    (void)path;
    w->query(w, url_args);
    w->say(w, &hello);
    w->say(w, &order_created);
    w->say(w, &order_stepped);
    w->say(w, &resync);
    message_take_words(w);
}

const struct proto orders_proto = {
    .name = "orders",
    .language = 2,
    .admit = on_admit,
    .open = on_open,
    .message = on_message,
    .encode = encode,
    .resync = on_resync,
    .words = words,
};
