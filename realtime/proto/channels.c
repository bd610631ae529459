/* channels.c - /ws: what clients say, and the answers (SPEC 5.1).
 *
 * Called by the WebSocket link. Actions are rows of a table; each answers with one acknowledgement
 * or one error, and what was refused of a list is named in an error of its own behind the
 * acknowledgement.
 */
#include "config.h"

#include "proto/channels_inner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "core/action.h"
#include "core/message.h"
#include "core/states.h"
#include "link/http.h"

#include <string.h>

#define NAMES_MAX 256 /* channels named by one message */

const struct said said_subscribed = {
    .type = "subscribed", .schema = "Acknowledgement", .marks = SAID_STATUS | SAID_ANSWERS};
static const struct said said_unsubscribed = {
    .type = "unsubscribed", .schema = "Acknowledgement", .marks = SAID_STATUS | SAID_ANSWERS};

const char *channels_cursor(const struct conn *c, char buf[POSITION_MAX]) {
    const char *held = sync_cursor(c);
    return held ? held : message_cursor(c, buf);
}

/* ------------------------------------------------------------------ answers */

static void push(struct conn *c, struct str *out) {
    conn_push_text(c, out->p, out->len);
    str_free(out);
}

void channels_acknowledge(struct conn *c, const char *status, const struct str *channels,
                          const char *cursor, const char *request_id) {
    struct str out = STR_INIT;
    char *session = session_seal(c);
    str_printf(&out, "{\"status\":\"%s\",\"channels\":[%s],\"session\":\"%s\",\"cursor\":\"%s\"",
               status, str_c(channels), session, cursor);
    message_put_id(&out, request_id);
    str_putc(&out, '}');
    x_free(session);
    push(c, &out);
}

void channels_error(struct conn *c, const struct err *e, const struct str *channels,
                    const char *request_id) {
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX], cursor[POSITION_MAX];
    message_begin(&out, "error", clock_iso_ms(clock_wall_ms(), now), channels_cursor(c, cursor));
    conn_put_error(&out, e);
    if (channels)
        str_printf(&out, ",\"channels\":[%s]", str_c(channels));
    message_put_id(&out, request_id);
    str_putc(&out, '}');
    push(c, &out);
}

static void list_error(struct conn *c, enum err_code code, const char *detail,
                       const struct str *channels, const char *request_id) {
    struct err e;
    if (!channels->len)
        return;
    err_set(&e, code, "%s", detail);
    channels_error(c, &e, channels, request_id);
}

/* ------------------------------------------------------------------ actions */

struct call {
    struct conn *c;
    const struct json *message;
    const char *request_id;
};

/* `channels`: an array of 1 to NAMES_MAX texts. */
static bool want_channels(const struct call *k, const struct json **out, struct err *e) {
    const struct json *v = json_get(k->message, "channels");
    *out = v;
    if (!v)
        return err_set(e, ERR_MISSING_FIELD, "channels is required.");
    if (json_type_of(v) != JSON_ARRAY)
        return err_field(e, "channels", "type", "must be an array of texts");
    if (json_length(v) < 1 || json_length(v) > NAMES_MAX)
        return err_field(e, "channels", "length", "1 to %d channels", NAMES_MAX);
    for (size_t i = 0; i < json_length(v); i++)
        if (!json_string(json_at(v, i), NULL))
            return err_field(e, "channels", "type", "must be an array of texts");
    return true;
}

/* A name twice in one list counts once. */
static bool named_before(const struct json *list, size_t i) {
    const char *name = json_string(json_at(list, i), NULL);
    for (size_t j = 0; j < i; j++)
        if (strcmp(json_string(json_at(list, j), NULL), name) == 0)
            return true;
    return false;
}

static bool do_subscribe(const struct call *k, struct err *e) {
    struct channel_lists lists = {.conn = k->c};
    char cursor[POSITION_MAX];
    const struct json *names;
    if (!want_channels(k, &names, e))
        return false;
    for (size_t i = 0; i < json_length(names); i++) {
        size_t len;
        const char *name = json_string(json_at(names, i), &len);
        if (!named_before(names, i))
            channel_grant(&lists, name, len);
    }
    channels_acknowledge(k->c, said_subscribed.type, &lists.granted, channels_cursor(k->c, cursor),
                         k->request_id);
    list_error(k->c, ERR_UNKNOWN_CHANNEL, "Not known or not granted.", &lists.refused,
               k->request_id);
    list_error(k->c, ERR_TOO_MANY_SUBSCRIPTIONS, "No more channels on one connection.",
               &lists.beyond, k->request_id);
    if (lists.granted.len)
        channels_more(k->c);
    for (unsigned i = 0; i < lists.nfigures; i++)
        states_send(k->c->server->states, k->c, lists.figures[i], STATES_ALL);
    lists_free(&lists);
    return true;
}

static bool do_unsubscribe(const struct call *k, struct err *e) {
    struct str gone = STR_INIT, unknown = STR_INIT;
    char cursor[POSITION_MAX];
    const struct json *names;
    if (!want_channels(k, &names, e))
        return false;
    for (size_t i = 0; i < json_length(names); i++) {
        size_t len;
        struct topic t;
        const char *name = json_string(json_at(names, i), &len);
        if (named_before(names, i))
            continue;
        bool had = topic_parse(name, len, &t) && hub_unsubscribe(k->c->server->hub, k->c, t);
        struct str *list = had ? &gone : &unknown;
        if (list->len)
            str_putc(list, ',');
        json_put_string_n(list, name, len);
    }
    channels_acknowledge(k->c, said_unsubscribed.type, &gone, channels_cursor(k->c, cursor),
                         k->request_id);
    list_error(k->c, ERR_UNKNOWN_CHANNEL, "Not subscribed.", &unknown, k->request_id);
    str_free(&gone);
    str_free(&unknown);
    return true;
}

static bool do_resume(const struct call *k, struct err *e) {
    const char *session, *cursor;
    return message_text(k->message, "session", &session, e) &&
           message_text(k->message, "cursor", &cursor, e) &&
           channels_resume(k->c, session, cursor, k->request_id, e);
}

static bool do_ping(const struct call *k, struct err *e) {
    char cursor[POSITION_MAX];
    (void)e;
    message_pong(k->c, channels_cursor(k->c, cursor), k->request_id);
    return true;
}

static const struct arg names_args[] = {
    {.name = "channels",
     .type = ARG_TEXTS,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = NAMES_MAX,
     .help = "their names, restaurant_orders or floor:2"},
    {0},
};
static const struct arg resume_args[] = {
    {.name = "session",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .help = "of the last acknowledgement"},
    {.name = "cursor",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .help = "of the last message"},
    {0},
};

static const struct {
    const char *name;
    bool (*run)(const struct call *k, struct err *e);
    const struct arg *args; /* as the AsyncAPI document has them, and what answers */
    const char *reply;
} actions[] = {
    {"subscribe", do_subscribe, names_args, "subscribed"},
    {"unsubscribe", do_unsubscribe, names_args, "unsubscribed"},
    {"resume", do_resume, resume_args, "subscribed"},
    {"ping", do_ping, NULL, "pong"},
};

static bool dispatch(struct call *k, struct err *e) {
    const char *action;
    if (!action_request_id(k->message, &k->request_id, e) ||
        !message_text(k->message, "action", &action, e))
        return false;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].name, action) == 0)
            return actions[i].run(k, e);
    return err_set(e, ERR_UNKNOWN_ACTION, "Actions are subscribe, unsubscribe, resume and ping.");
}

/* ------------------------------------------------------------------ the proto */

static void on_message(struct conn *c, const char *text, size_t len, bool binary) {
    struct call k = {.c = c};
    struct err e;
    err_clear(&e);
    if (message_ping(c, text, len, binary))
        return;
    struct json *message = message_object(text, len, binary, &e);
    k.message = message;
    if (!message || !dispatch(&k, &e))
        channels_error(c, &e, NULL, k.request_id);
    if (message)
        json_free(message);
}

/* ?session=&cursor= in the URL is a resume that saves a round trip. */
static void on_open(struct conn *c, const struct request *r) {
    const char *session = request_query(r, "session"), *cursor = request_query(r, "cursor");
    struct err e;
    err_clear(&e);
    if (!session && !cursor)
        return;
    if (!session || !cursor)
        err_set(&e, ERR_MISSING_FIELD, "session and cursor come together.");
    else if (channels_resume(c, session, cursor, NULL, &e))
        return;
    channels_error(c, &e, NULL, NULL);
}

static const struct arg url_args[] = {
    {.name = "session", .type = ARG_TEXT, .place = IN_QUERY, .help = "to resume, with cursor"},
    {.name = "cursor", .type = ARG_TEXT, .place = IN_QUERY, .help = "to resume, with session"},
    {0},
};

static void words(const char *path, struct words *w) {
    (void)path;
    w->say(w, &said_subscribed);
    w->say(w, &said_unsubscribed);
    w->query(w, url_args);
    message_words(w, 0);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        w->take(w, &(struct taken){.name = actions[i].name,
                                   .args = actions[i].args,
                                   .reply = actions[i].reply});
    channels_words(w);
}

const struct proto channels_proto = {
    .name = "channels",
    .language = CHANNELS_LANGUAGE,
    .open = on_open,
    .message = on_message,
    .variant = channels_variant,
    .encode = channels_encode,
    .resync = channels_resync,
    .words = words,
    .closed = channels_closed,
};
