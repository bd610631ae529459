/* socketio_packet.c - one packet of Socket.IO v5: the parser and the writer.
 *
 * As strict as the reference (socket.io-parser) and a little more: an event needs its payload, an
 * acknowledgement its id, and only those two have ids. JSON that the reference takes and ours does
 * not (a key twice, half a surrogate pair, integers beyond 64 bits) costs the event, not the
 * session.
 */
#include "config.h"

#include "proto/socketio_packet.h"

#include <string.h>

#define ID_DIGITS_MAX 15 /* what a double counts exactly, as the clients' numbers are doubles */
#define PLACEHOLDER   "_placeholder"

/* ------------------------------------------------------------------ payloads */

static bool is_nothing(const struct json *v) {
    return !v;
}

static bool is_object(const struct json *v) {
    return json_type_of(v) == JSON_OBJECT;
}

static bool is_auth(const struct json *v) {
    return !v || is_object(v);
}

static bool is_refusal(const struct json *v) {
    return is_object(v) || json_type_of(v) == JSON_STRING;
}

static bool is_list(const struct json *v) {
    return json_type_of(v) == JSON_ARRAY;
}

/* Names with a meaning of their own in the clients' and the reference's event emitters. */
static bool is_reserved(const char *name) {
    static const char *const names[] = {"connect",       "connect_error", "disconnect",
                                        "disconnecting", "newListener",   "removeListener"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool is_event(const struct json *v) {
    if (!is_list(v))
        return false;
    const struct json *first = json_at(v, 0);
    const char *name = json_string(first, NULL);
    double number;
    return name ? !is_reserved(name) : json_double(first, &number);
}

enum presence { NEVER, MAYBE, ALWAYS };

static const struct rule {
    bool attachments;
    enum presence id;
    bool (*payload)(const struct json *v);
} rules[] = {
    [SIO_CONNECT] = {false, NEVER, is_auth},          [SIO_DISCONNECT] = {false, NEVER, is_nothing},
    [SIO_EVENT] = {false, MAYBE, is_event},           [SIO_ACK] = {false, ALWAYS, is_list},
    [SIO_CONNECT_ERROR] = {false, NEVER, is_refusal}, [SIO_BINARY_EVENT] = {true, MAYBE, is_event},
    [SIO_BINARY_ACK] = {true, ALWAYS, is_list},
};

/* ------------------------------------------------------------------ placeholders */

int64_t sio_placeholder(const struct json *v) {
    bool is = false;
    int64_t n = -1;
    if (!json_bool(json_get(v, PLACEHOLDER), &is) || !is)
        return -1;
    return json_int(json_get(v, "num"), &n) && n >= 0 ? n : -1;
}

struct placing {
    unsigned attachments;
    bool ok;
};

static void place(const struct json *v, struct placing *p);

static bool place_member(const char *key, const struct json *v, void *ctx) {
    (void)key;
    place(v, ctx);
    return true;
}

/* Every placeholder must name one of the attachments. The depth is bounded by json_parse. */
static void place(const struct json *v, struct placing *p) {
    bool is = false;
    if (is_list(v)) {
        for (size_t i = 0; i < json_length(v); i++)
            place(json_at(v, i), p);
    } else if (json_bool(json_get(v, PLACEHOLDER), &is) && is) {
        int64_t n = sio_placeholder(v);
        p->ok = p->ok && n >= 0 && n < p->attachments;
    } else if (is_object(v)) {
        json_each(v, place_member, p);
    }
}

static bool placed(const struct sio_packet *p) {
    struct placing placing = {p->attachments, true};
    if (p->attachments)
        place(p->json, &placing);
    return placing.ok;
}

/* ------------------------------------------------------------------ in */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Digits at *at, which moves behind them; -1: none, -2: too many. */
static int64_t number_take(const char **at) {
    const char *p = *at;
    int64_t n = -1;
    for (; is_digit(*p); p++) {
        if (p - *at == ID_DIGITS_MAX)
            return -2;
        n = (n < 0 ? 0 : n) * 10 + (*p - '0');
    }
    *at = p;
    return n;
}

static bool attachments_take(const char **at, struct sio_packet *out) {
    int64_t n = number_take(at);
    if (n < 1 || n > SIO_ATTACHMENTS_MAX || **at != '-')
        return false;
    ++*at;
    out->attachments = (unsigned)n;
    return true;
}

/* A namespace ends at the comma, or with the packet. */
static void namespace_take(const char **at, const char *end, struct sio_packet *out) {
    out->ns = "/";
    out->ns_len = 1;
    if (**at != '/')
        return;
    const char *comma = memchr(*at, ',', (size_t)(end - *at));
    out->ns = *at;
    out->ns_len = (size_t)((comma ? comma : end) - *at);
    *at = comma ? comma + 1 : end;
}

static bool id_take(const char **at, enum presence presence, struct sio_packet *out) {
    out->id = presence == NEVER ? -1 : number_take(at);
    return out->id >= (presence == ALWAYS ? 0 : -1);
}

static bool payload_take(const char *at, const char *end, const struct rule *rule,
                         struct sio_packet *out) {
    struct err e;
    out->payload = at;
    out->payload_len = (size_t)(end - at);
    if (out->payload_len && !(out->json = json_parse_or(at, out->payload_len, &out->beyond, &e))) {
        out->beyond = out->beyond && *at == '[' && rule->id != NEVER;
        return out->beyond;
    }
    if (rule->payload(out->json) && placed(out))
        return true;
    sio_packet_free(out);
    return false;
}

bool sio_packet_parse(const char *text, size_t len, struct sio_packet *out) {
    const char *at = text + 1, *end = text + len;
    *out = (struct sio_packet){.id = -1};
    if (!len || !is_digit(*text) || (size_t)(*text - '0') >= sizeof rules / sizeof *rules)
        return false;
    out->type = (enum sio_type)(*text - '0');
    const struct rule *rule = &rules[out->type];
    if (rule->attachments && !attachments_take(&at, out))
        return false;
    namespace_take(&at, end, out);
    return id_take(&at, rule->id, out) && payload_take(at, end, rule, out);
}

void sio_packet_free(struct sio_packet *p) {
    if (p->json)
        json_free(p->json);
    p->json = NULL;
}

/* ------------------------------------------------------------------ out */

void sio_packet_head(struct str *out, enum sio_type type, unsigned attachments, const char *ns,
                     int64_t id) {
    str_putc(out, (char)('0' + type));
    if (attachments)
        str_printf(out, "%u-", attachments);
    if (strcmp(ns, "/") != 0) {
        str_puts(out, ns);
        str_putc(out, ',');
    }
    if (id >= 0)
        str_put_int(out, id);
}
