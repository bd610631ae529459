/* message.c - the small talk of the JSON languages. See message.h. Called by the protos. */
#include "config.h"

#include "core/message.h"

#include "base/clock.h"
#include "core/action.h"
#include "core/feed.h"
#include "core/hub.h"
#include "core/words.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

bool message_ping(struct conn *c, const char *text, size_t len, bool binary) {
    bool ping = !binary && ((len == 4 && memcmp(text, "ping", 4) == 0) ||
                            (len == 6 && memcmp(text, "\"ping\"", 6) == 0));
    if (ping)
        conn_push_text(c, "pong", 4);
    return ping;
}

struct json *message_object(const char *text, size_t len, bool binary, struct err *e) {
    struct json *message = binary ? NULL : json_parse(text, len, e);
    if (binary)
        err_set(e, ERR_INVALID_JSON, "A message is JSON text.");
    if (!message || json_type_of(message) == JSON_OBJECT)
        return message;
    json_free(message);
    err_set(e, ERR_INVALID_JSON, "A message is one JSON object.");
    return NULL;
}

bool message_text(const struct json *message, const char *name, const char **out, struct err *e) {
    const struct json *v = json_get(message, name);
    *out = json_string(v, NULL);
    if (!v)
        return err_set(e, ERR_MISSING_FIELD, "%s is required.", name);
    return *out || err_field(e, name, "type", "must be text");
}

const char *message_cursor(const struct conn *c, char buf[POSITION_MAX]) {
    struct position at = {.epoch = "00000000", .venue = c->who.venue};
    if (feed_position(c->server->feed, c->who.venue, &at))
        at.seq = hub_seq(c);
    return position_format(&at, buf);
}

static const char head_type[] = "{\"type\":\"", head_time[] = "\",\"timestamp\":\"",
                  head_cursor[] = "\",\"cursor\":\"";

void message_begin(struct str *out, const char *type, const char *timestamp, const char *cursor) {
    str_puts(out, head_type);
    str_puts(out, type);
    str_puts(out, head_time);
    str_puts(out, timestamp);
    str_puts(out, head_cursor);
    str_puts(out, cursor);
    str_putc(out, '"');
}

/* Steps over `mark` and takes what follows up to the next quote: our own words hold none. */
static const char *head_part(const char **at, const char *mark, size_t *len) {
    size_t n = strlen(mark);
    if (strncmp(*at, mark, n) != 0)
        return NULL;
    const char *part = *at + n;
    *len = strcspn(part, "\"");
    *at = part + *len;
    return part;
}

bool message_head(const char *text, struct message_head *out) {
    size_t time_len;
    out->type = head_part(&text, head_type, &out->type_len);
    if (!out->type || !head_part(&text, head_time, &time_len))
        return false;
    out->cursor = head_part(&text, head_cursor, &out->cursor_len);
    return out->cursor != NULL;
}

void message_error(struct conn *c, const struct err *e, const char *request_id) {
    struct str out = STR_INIT;
    str_puts(&out, "{\"type\":\"error\"");
    conn_put_error(&out, e);
    message_put_id(&out, request_id);
    str_putc(&out, '}');
    conn_push_text(c, out.p, out.len);
    str_free(&out);
}

void message_reword(struct err *e, const char *id_name) {
    if (!e->nfields)
        return;
    for (int i = 0; i < e->nfields && i < ERR_FIELDS_MAX; i++)
        if (id_name && str_eq(e->fields[i].field, "id"))
            snprintf(e->fields[i].field, sizeof e->fields[i].field, "%s", id_name);
    const struct err_field *first = &e->fields[0];
    if (str_eq(first->code, "required"))
        snprintf(e->slug, sizeof e->slug, "%s", err_slug(ERR_MISSING_FIELD));
    snprintf(e->detail, sizeof e->detail, "%s %s", first->field, first->detail);
}

void message_put_id(struct str *out, const char *request_id) {
    if (!request_id)
        return;
    str_puts(out, ",\"requestId\":");
    json_put_string(out, request_id);
}

void message_pong(struct conn *c, const char *cursor, const char *request_id) {
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX];
    message_begin(&out, "pong", clock_iso_ms(clock_wall_ms(), now), cursor);
    message_put_id(&out, request_id);
    str_putc(&out, '}');
    conn_push_text(c, out.p, out.len);
    str_free(&out);
}

static bool take(struct conn *c, const struct json *message, const char **id, message_act *act,
                 struct err *e) {
    const char *name = json_string(json_get(message, "type"), NULL);
    bool ping = str_eq(name, "ping");
    char cursor[POSITION_MAX];
    if (!action_request_id(message, id, e) || (!ping && !message_text(message, "action", &name, e)))
        return false;
    if (!str_eq(name, "ping"))
        return act(c, name, message, e);
    message_pong(c, message_cursor(c, cursor), *id);
    return true;
}

void message_take(struct conn *c, const char *text, size_t len, bool binary, message_act *act) {
    struct err e;
    const char *id = NULL;
    err_clear(&e);
    if (message_ping(c, text, len, binary))
        return;
    struct json *message = message_object(text, len, binary, &e);
    if (!message || !take(c, message, &id, act, &e))
        message_error(c, &e, id);
    if (message)
        json_free(message);
}

void message_words(struct words *w, unsigned marks) {
    const unsigned text = SAID_TEXT | SAID_ANSWERS;
    w->say(w,
           &(struct said){.type = "error", .schema = "LiveError", .marks = marks | SAID_REPEATS});
    w->say(w, &(struct said){.type = "pong", .marks = SAID_ANSWERS});
    w->say(w, &(struct said){.type = "pong", .name = "pong_text", .marks = text});
    w->take(w, &(struct taken){.name = "ping_text", .text = "ping", .reply = "pong_text"});
}

void message_take_words(struct words *w) {
    message_words(w, SAID_BARE);
    w->take(w, &(struct taken){.name = "ping", .reply = "pong"});
    w->take(w, &(struct taken){.name = "ping", .key = "type", .reply = "pong"});
}
