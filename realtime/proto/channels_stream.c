/* channels_stream.c - the channels of /ws for those who only listen: /events and /poll (SPEC 5.6).
 *
 * The URL says what is wanted and from where on: `channels`, all granted or none, and `since` or
 * Last-Event-ID (which an EventSource sends of itself and so counts more). Messages, snapshots and
 * permissions are those of /ws. Called by link/http_stream.c and http_poll.c.
 */
#include "config.h"

#include "proto/channels_inner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "core/message.h"
#include "core/states.h"
#include "link/http.h"

#include <string.h>

/* Steps to the next name of a comma list; false at its end. */
static bool name_next(const char **at, const char **name, size_t *len) {
    *at += strspn(*at, ",");
    *name = *at;
    *len = strcspn(*at, ",");
    *at += *len;
    return *len > 0;
}

static const char *position_of(const struct request *r) {
    const char *last = request_header(r, "Last-Event-ID");
    return last && *last ? last : request_query(r, "since");
}

/* ------------------------------------------------------------------ before there is a conn */

static bool position_ok(const struct request *r, const struct principal *who, struct err *e) {
    const char *text = position_of(r);
    struct position at;
    if (!text || (position_parse(text, &at) && at.venue == who->venue))
        return true;
    return err_set(e, ERR_INVALID_CURSOR, "The position is malformed or of another venue.");
}

static bool channels_ok(struct server *s, const struct principal *who, const char *list,
                        struct err *e) {
    const char *name;
    size_t len;
    struct topic t;
    long n = 0;
    while (name_next(&list, &name, &len)) {
        if (++n > s->settings->subscriptions_max)
            return err_set(e, ERR_TOO_MANY_SUBSCRIPTIONS, "At most %ld channels.",
                           s->settings->subscriptions_max);
        if (!channel_allowed(s, who, name, len, &t))
            err_field(e, "channels", err_slug(ERR_UNKNOWN_CHANNEL),
                      "%.*s is not known or not granted", (int)(len < 60 ? len : 60), name);
    }
    if (n == 0)
        return err_field(e, "channels", "required", "names the channels, with commas between");
    if (e->nfields) /* of the statuses that end an EventSource for good the one for rights */
        e->http = 403;
    return !e->nfields;
}

static bool admit(struct server *s, const struct request *r, const struct principal *who,
                  struct err *e) {
    const char *list = request_query(r, "channels");
    return channels_ok(s, who, list ? list : "", e) && position_ok(r, who, e);
}

/* ------------------------------------------------------------------ opening */

static const struct said heard = {
    .type = "subscribed", .name = "subscribed_stream", .schema = "ChannelNames"};

static void acknowledge(struct conn *c, const struct str *granted, const char *cursor) {
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX];
    message_begin(&out, heard.type, clock_iso_ms(clock_wall_ms(), now), cursor);
    str_printf(&out, ",\"channels\":[%s]}", str_c(granted));
    conn_push_text(c, out.p, out.len);
    str_free(&out);
}

/* From the position on, else from now on with the figures as they are. */
static void listen(struct conn *c, const struct request *r, bool tell) {
    struct channel_lists lists = {.conn = c};
    const char *list = request_query(r, "channels"), *text = position_of(r), *name;
    size_t len;
    char cursor[POSITION_MAX];
    struct position from;
    while (name_next(&list, &name, &len))
        channel_grant(&lists, name, len);
    bool resume = text && position_parse(text, &from);
    if (tell)
        acknowledge(c, &lists.granted, resume ? text : channels_cursor(c, cursor));
    if (resume)
        channels_replay(c, text, &from);
    for (unsigned i = 0; !resume && i < lists.nfigures; i++)
        states_send(c->server->states, c, lists.figures[i], STATES_ALL);
    lists_free(&lists);
}

static void stream_open(struct conn *c, const struct request *r) {
    listen(c, r, true);
}

static void poll_open(struct conn *c, const struct request *r) {
    listen(c, r, false);
}

/* The capability of each channel is asked for; Last-Event-ID says the same as `since`. */
#define LISTENING                                                                                  \
    {.name = "channels",                                                                           \
     .type = ARG_TEXT,                                                                             \
     .place = IN_QUERY,                                                                            \
     .required = true,                                                                             \
     .min = 1,                                                                                     \
     .help = "names with commas between, all granted or none"},                                    \
    {                                                                                              \
        .name = "since", .type = ARG_TEXT, .place = IN_QUERY,                                      \
        .help = "the position to go on from; else from now on"                                     \
    }
static const struct arg stream_args[] = {LISTENING, {0}};
static const struct arg poll_args[] = {
    LISTENING,
    {.name = "timeout",
     .type = ARG_INT,
     .place = IN_QUERY,
     .max = POLL_WAIT_MAX_S,
     .fallback = POLL_WAIT_S,
     .help = "seconds to wait for something"},
    {0},
};

static void poll_words(const char *path, struct words *w) {
    (void)path;
    w->query(w, poll_args);
    channels_words(w);
}

static void stream_words(const char *path, struct words *w) {
    (void)path;
    w->query(w, stream_args);
    w->say(w, &heard);
    w->say(w, &(struct said){.type = "close", .schema = "StreamClosed", .marks = SAID_BARE});
    channels_words(w);
}

const struct proto channels_stream_proto = {
    .name = "events",
    .language = CHANNELS_LANGUAGE,
    .admit = admit,
    .open = stream_open,
    .variant = channels_variant,
    .encode = channels_encode,
    .resync = channels_resync,
    .cursor = channels_cursor,
    .words = stream_words,
    .closed = channels_closed,
};

const struct proto channels_poll_proto = {
    .name = "poll",
    .language = CHANNELS_LANGUAGE,
    .admit = admit,
    .open = poll_open,
    .variant = channels_variant,
    .encode = channels_encode,
    .resync = channels_resync,
    .cursor = channels_cursor,
    .words = poll_words,
    .closed = channels_closed,
};
