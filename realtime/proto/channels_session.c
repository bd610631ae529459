/* channels_session.c - who may hear which channel, and the signed statement of what somebody heard.
 *
 * Permissions are asked anew at every subscription and every resume; the statement only says what
 * was wanted. It is bound to the account (a guest's: to the session or order) and the venue.
 */
#include "config.h"

#include "proto/channels_inner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "core/sessions.h"

#include <inttypes.h>
#include <string.h>

#define PURPOSE "channels"

void lists_free(struct channel_lists *l) {
    str_free(&l->granted);
    str_free(&l->refused);
    str_free(&l->beyond);
    x_free(l->figures);
}

static void list_add(struct str *list, const char *name, size_t len) {
    if (list->len)
        str_putc(list, ',');
    json_put_string_n(list, name, len);
}

/* A hotel has no tables, a restaurant no rooms: a channel of the other kind is unknown here. */
static bool venue_has(const struct server *s, int64_t venue, enum topic_kind kind) {
    bool hotel = sessions_venue_kind(s->sessions, venue) == VENUE_HOTEL;
    return hotel ? !topic_is_restaurant(kind) : !topic_is_hotel(kind);
}

static bool may_hear(const struct principal *who, struct topic t) {
    switch (permission_grants(who->role, topic_capability(t.kind))) {
    case GRANT_NO:
        return false;
    case GRANT_OWN:
        return t.kind == TOPIC_ORDER && who->order && t.id == who->order;
    default:
        return true;
    }
}

bool channel_allowed(const struct server *s, const struct principal *who, const char *name,
                     size_t len, struct topic *out) {
    return topic_parse(name, len, out) && venue_has(s, who->venue, out->kind) &&
           may_hear(who, *out);
}

bool channel_grant(struct channel_lists *l, const char *name, size_t len) {
    struct conn *c = l->conn;
    struct topic t;
    if (!channel_allowed(c->server, &c->who, name, len, &t)) {
        list_add(&l->refused, name, len);
        return false;
    }
    unsigned long most = (unsigned long)c->server->settings->subscriptions_max;
    if (!hub_subscribed(c, t) && hub_count(c) >= most) {
        list_add(&l->beyond, name, len);
        return false;
    }
    hub_subscribe(c->server->hub, c, t);
    if (topic_is_state(t.kind)) {
        l->figures = x_realloc(l->figures, (l->nfigures + 1) * sizeof *l->figures);
        l->figures[l->nfigures++] = t;
    }
    list_add(&l->granted, name, len);
    return true;
}

/* ------------------------------------------------------------------ the statement */

static void owner_put(const struct conn *c, struct str *out) {
    str_printf(out, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " ", c->who.venue,
               c->who.account, c->who.session, c->who.order);
}

static void name_put(struct topic t, void *ctx) {
    struct str *out = ctx;
    char name[TOPIC_NAME_MAX];
    if (out->p[out->len - 1] != ' ')
        str_putc(out, ',');
    str_puts(out, topic_name(t, name));
}

char *session_seal(const struct conn *c) {
    struct str text = STR_INIT;
    owner_put(c, &text);
    hub_each(c, name_put, &text);
    char *sealed = auth_seal(c->server->auth, PURPOSE, text.p,
                             clock_wall_s() + c->server->settings->resume_ttl_s);
    str_free(&text);
    return sealed;
}

char *session_open(const struct conn *c, const char *sealed) {
    char *text = auth_open(c->server->auth, PURPOSE, sealed, clock_wall_s()), *channels = NULL;
    struct str owner = STR_INIT;
    owner_put(c, &owner);
    if (text && str_starts(text, owner.p))
        channels = x_strdup(text + owner.len);
    x_free(text);
    str_free(&owner);
    return channels;
}
