/* asyncapi_channels.c - endpoints as Channel Objects of AsyncAPI 3, and what happens on them as
 * operations: one an action, with its answer; one a channel of /ws (its topics), with its
 * capability; one for whatever else is said. See asyncapi.h.
 */
#include "config.h"

#include "asyncapi_inner.h"

#include "access/permissions.h"
#include "core/event.h"

#include <stdio.h>
#include <string.h>

static bool upgrades(const struct vocabulary *v) {
    return v->endpoint->way == &way_websocket;
}

static void put_pointer(struct str *o, const char *key, const struct vocabulary *v,
                        const char *message) {
    put_open(o, key, '{');
    if (message)
        put_textf(o, "$ref", "#/channels/%s/messages/%s", v->id, message);
    else
        put_textf(o, "$ref", "#/channels/%s", v->id);
    put_close(o, '}');
}

/* --- channels --------------------------------------------------------------------------------- */

static void put_message(struct str *o, const char *name, const char *of) {
    put_open(o, name, '{');
    put_textf(o, "$ref", "#/components/messages/%s.%s", of, name);
    put_close(o, '}');
}

static void put_messages(const struct vocabulary *v, struct str *o) {
    char name[VOCABULARY_NAME];
    put_open(o, "messages", '{');
    if (is_asked(v)) {
        put_message(o, "question", v->id);
        put_message(o, "answer", v->id);
    }
    for (unsigned i = 0; i < v->nsaid && !is_asked(v); i++) {
        said_name(&v->said[i], name);
        if (!said_before(v, i))
            put_message(o, name, v->language);
    }
    for (unsigned i = 0; i < v->ntaken; i++) {
        taken_name(&v->taken[i], name);
        put_message(o, name, v->id);
    }
    put_close(o, '}');
}

static void put_query(const struct vocabulary *v, struct str *o) {
    struct str help = STR_INIT;
    put_open(o, "query", '{');
    put_text(o, "type", "object");
    put_open(o, "required", '[');
    for (const struct arg *a = v->query; a->name; a++)
        if (a->required)
            put_text(o, NULL, a->name);
    put_close(o, ']');
    put_open(o, "properties", '{');
    for (const struct arg *a = v->query; a->name; a++) {
        arg_put_schema(o, a->name, a);
        str_printf(&help, "%s`%s`: %s", help.len ? "; " : "", a->name, a->help);
    }
    put_close(o, '}');
    put_text(o, "description", str_c(&help));
    put_close(o, '}');
    str_free(&help);
}

static void put_bindings(const struct vocabulary *v, const char *protocol, const char *version,
                         struct str *o) {
    put_open(o, "bindings", '{');
    put_open(o, protocol, '{');
    put_text(o, "method", v->endpoint->method);
    if (v->query)
        put_query(v, o);
    put_text(o, "bindingVersion", version);
    put_close(o, '}');
    put_close(o, '}');
}

static void put_servers(const struct vocabulary *v, struct str *o) {
    const char *const names[] = {upgrades(v) ? "websocket" : "http",
                                 upgrades(v) ? "websocketTls" : "https"};
    put_open(o, "servers", '[');
    for (int i = 0; i < 2; i++) {
        put_open(o, NULL, '{');
        put_textf(o, "$ref", "#/servers/%s", names[i]);
        put_close(o, '}');
    }
    put_close(o, ']');
}

static void put_parameters(const struct vocabulary *v, struct str *o) {
    if (!strstr(v->endpoint->path, "{id}"))
        return;
    put_open(o, "parameters", '{');
    put_open(o, "id", '{');
    put_text(o, "description", "The number of what is opened; of another venue it is not found.");
    put_close(o, '}');
    put_close(o, '}');
}

static const char *kind_of(const struct vocabulary *v) {
    if (upgrades(v))
        return "A WebSocket; a slash at the end of the address does not count. `x-close-codes` "
               "says how it ends.";
    if (v->endpoint->op)
        return "A plain GET.";
    return is_asked(v) ? "Long polling: the channels of `/ws`, each with its right, asked for "
                         "again and again."
                       : "Server-sent events: the channels of `/ws`, each with its right, for "
                         "those who only listen. `x-close-codes` says how the stream ends.";
}

static void put_channel(const struct vocabulary *v, struct str *o) {
    put_open(o, v->id, '{');
    put_text(o, "address", v->endpoint->path);
    put_text(o, "description", kind_of(v));
    permission_put(o, v->endpoint->cap);
    put_servers(v, o);
    put_parameters(v, o);
    put_messages(v, o);
    if (upgrades(v))
        put_bindings(v, "ws", "0.1.0", o);
    put_close(o, '}');
}

void channels_put(const struct paper *p, struct str *o) {
    for (const struct vocabulary *v = p->all; v < p->all + p->n; v++)
        put_channel(v, o);
}

/* --- operations ------------------------------------------------------------------------------- */

static void put_right(struct str *text, enum capability cap) {
    if (cap == CAP_ANYONE)
        str_puts(text, " Needs a token of any role.");
    else
        str_printf(text, " Needs the right `%s`.", capability_name(cap));
}

static void open_operation(struct str *o, const struct vocabulary *v, const char *name,
                           const char *action) {
    put_open(o, name, '{');
    put_text(o, "action", action);
    put_pointer(o, "channel", v, NULL);
}

static void put_description(struct str *o, const char *what, enum capability cap) {
    struct str text = STR_INIT;
    str_puts(&text, what);
    put_right(&text, cap);
    put_text(o, "description", str_c(&text));
    str_free(&text);
    permission_put(o, cap);
}

static void put_action(const struct vocabulary *v, const struct taken *t, struct str *o) {
    char name[VOCABULARY_NAME], key[2 * VOCABULARY_NAME];
    const struct said *reply = reply_of(v, t);
    const struct op *op = t->op ? op_find(t->op) : NULL;
    require(reply || !t->reply);
    taken_name(t, name);
    snprintf(key, sizeof key, "%s.%s", v->id, name);
    open_operation(o, v, key, "receive");
    put_text(o, "summary", op ? op->summary : t->name);
    put_description(o,
                    reply ? "Answered by its reply, or by `error`."
                          : "Answered by what it changes, which everybody is told; or by `error`.",
                    op ? op->cap : v->endpoint->cap);
    put_open(o, "messages", '[');
    put_pointer(o, NULL, v, name);
    put_close(o, ']');
    put_open(o, "reply", '{');
    put_pointer(o, "channel", v, NULL);
    put_open(o, "messages", '[');
    if (reply) {
        said_name(reply, name);
        put_pointer(o, NULL, v, name);
    }
    if (!t->text)
        put_pointer(o, NULL, v, "error");
    put_close(o, ']');
    put_close(o, '}');
    put_close(o, '}');
}

/* Is it said on that channel of /ws? On those that are opened for one thing `topic` is TOPIC_NONE.
 */
static bool told(const struct said *m, enum topic_kind topic) {
    for (const enum topic_kind *k = m->topics; k && *k != TOPIC_NONE; k++)
        if (*k == topic)
            return true;
    return m->kind && event_reaches(m->kind, topic);
}

/* What one subscribes to has a right of its own; the endpoint asks for none. */
static bool of_topics(const struct vocabulary *v, const struct said *m) {
    return upgrades(v) && v->endpoint->cap == CAP_ANYONE && (m->topics || m->kind);
}

static void put_topic(const struct vocabulary *v, enum topic_kind topic, struct str *o) {
    char channel[TOPIC_NAME_MAX], bare[TOPIC_NAME_MAX], key[2 * VOCABULARY_NAME];
    char name[VOCABULARY_NAME];
    topic_name((struct topic){topic, 0}, channel);
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(channel, ":"), channel);
    snprintf(key, sizeof key, "%s.%s", v->id, bare);
    open_operation(o, v, key, "send");
    put_textf(o, "summary", "The channel %s%s", bare, str_eq(bare, channel) ? "" : ":{id}");
    put_description(o,
                    topic_is_state(topic) ? "Figures: a newer one replaces what has not left yet."
                                          : "Every change, in order, once.",
                    topic_capability(topic));
    put_text(o, "x-venue", topic_is_hotel(topic) ? "hotel" : "restaurant");
    put_open(o, "messages", '[');
    for (unsigned i = 0; i < v->nsaid; i++) {
        if (!told(&v->said[i], topic) || said_before(v, i))
            continue;
        said_name(&v->said[i], name);
        put_pointer(o, NULL, v, name);
    }
    put_close(o, ']');
    put_close(o, '}');
}

static bool has_topics(const struct vocabulary *v) {
    for (unsigned i = 0; i < v->nsaid; i++)
        if (of_topics(v, &v->said[i]))
            return true;
    return false;
}

static void put_saying(const struct vocabulary *v, struct str *o) {
    char name[VOCABULARY_NAME];
    put_open(o, "messages", '[');
    for (unsigned i = 0; i < v->nsaid; i++) {
        const struct said *m = &v->said[i];
        if (m->marks & SAID_ANSWERS || of_topics(v, m) || said_before(v, i))
            continue;
        said_name(m, name);
        put_pointer(o, NULL, v, name);
    }
    put_close(o, ']');
}

static void put_asking(const struct vocabulary *v, struct str *o) {
    const char *op = v->endpoint->op;
    char key[VOCABULARY_NAME + 8];
    snprintf(key, sizeof key, "%s.ask", v->id);
    open_operation(o, v, key, "receive");
    put_text(o, "summary", op ? op_find(op)->summary : "What is new?");
    put_description(o,
                    op ? "Answered at once."
                       : "Answered at once when there is something, else when it comes, or with "
                         "nothing when the time is up.",
                    v->endpoint->cap);
    put_open(o, "messages", '[');
    put_pointer(o, NULL, v, "question");
    put_close(o, ']');
    put_open(o, "reply", '{');
    put_pointer(o, "channel", v, NULL);
    put_open(o, "messages", '[');
    put_pointer(o, NULL, v, "answer");
    put_close(o, ']');
    put_close(o, '}');
    put_bindings(v, "http", "0.3.0", o);
    put_close(o, '}');
}

static void put_sending(const struct vocabulary *v, struct str *o) {
    char key[VOCABULARY_NAME + 8];
    snprintf(key, sizeof key, "%s.say", v->id);
    open_operation(o, v, key, "send");
    put_text(o, "summary", "What is told without being asked for");
    put_description(o, "The state or a greeting first, where there is one; then what happens.",
                    v->endpoint->cap);
    put_saying(v, o);
    if (!upgrades(v))
        put_bindings(v, "http", "0.3.0", o);
    put_close(o, '}');
}

void operations_put(const struct paper *p, struct str *o) {
    for (const struct vocabulary *v = p->all; v < p->all + p->n; v++) {
        if (is_asked(v)) {
            put_asking(v, o);
            continue;
        }
        put_sending(v, o);
        for (int topic = TOPIC_NONE + 1; has_topics(v) && topic < TOPIC_CHANNELS; topic++)
            put_topic(v, (enum topic_kind)topic, o);
        for (unsigned i = 0; i < v->ntaken; i++)
            put_action(v, &v->taken[i], o);
    }
}
