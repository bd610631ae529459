/* asyncapi.c - the document's frame: info, servers, ways to say who one is, how connections end;
 * and the walk over the endpoints. See asyncapi.h. */
#include "config.h"

#include "asyncapi.h"

#include "asyncapi_inner.h"
#include "base/mem.h"
#include "core/loop.h"
#include "endpoints.h"

#include <stdio.h>
#include <string.h>

#define DOCUMENT_CHANNELS 32

/* --- frame ------------------------------------------------------------------------------------ */

static const char about[] =
    "What the sidecar `maitred-realtime` tells, as it is committed.\n\n"
    "**Who one is**: a token of `/api/auth/login` or an API key, by any of the security schemes; a "
    "refusal is HTTP, before the upgrade. All is about the token's venue; an id of another venue "
    "is "
    "not found.\n\n"
    "**Positions**: a `cursor` is a place in the venue's feed. `/ws` resumes by it, `/events` by "
    "`Last-Event-ID`, `/poll` by `since`; it is good on every transport and sidecar.\n\n"
    "**Actions** are JSON objects, one a text message, of at most 16 KiB. With a `requestId` the "
    "answer repeats it, and a write that is sent again is done once. Errors have the codes of REST "
    "(`/api/openapi.json`).\n\n"
    "Names, phones and e-mails are masked for viewers and the kitchen.";

static void put_info(struct str *o) {
    put_text(o, "asyncapi", "3.0.0");
    put_open(o, "info", '{');
    put_text(o, "title", "maitred, live");
    put_text(o, "version", PACKAGE_VERSION);
    put_text(o, "description", about);
    put_json(o, "contact", "{\"name\":\"Whoever runs this server\"}");
    put_json(o, "license", "{\"name\":\"MIT\",\"url\":\"https://spdx.org/licenses/MIT.html\"}");
    put_close(o, '}');
    put_text(o, "defaultContentType", "application/json");
}

/* Where a token may be: AsyncAPI knows no more than names and places. */
static const struct scheme {
    const char *name, *type, *in, *key, *help;
    bool upgrade_only;
} schemes[] = {
    {"bearer", "http", NULL, NULL, "`Authorization: Bearer` with the token.", false},
    {"query", "httpApiKey", "query", "token", "The token in the URL, for EventSource.", false},
    {"cookie", "httpApiKey", "cookie", AUTH_COOKIE,
     "The cookie of a login; the page must be of the same origin or a configured one.", false},
    {"subprotocol", "httpApiKey", "header", "Sec-WebSocket-Protocol",
     "`bearer, TOKEN`, for browsers; the answer selects `bearer`.", true},
    {"ticket", "httpApiKey", "query", "ticket", "A ticket of `/api/auth/ticket`, good once.", true},
};
#define SCHEMES (sizeof schemes / sizeof *schemes)

static void put_schemes(struct str *o) {
    put_open(o, "securitySchemes", '{');
    for (const struct scheme *s = schemes; s < schemes + SCHEMES; s++) {
        put_open(o, s->name, '{');
        put_text(o, "type", s->type);
        if (s->in) {
            put_text(o, "in", s->in);
            put_text(o, "name", s->key);
        } else {
            put_text(o, "scheme", s->name);
            put_text(o, "bearerFormat", "JWT");
        }
        put_text(o, "description", s->help);
        put_close(o, '}');
    }
    put_close(o, '}');
}

static const struct {
    const char *name, *protocol, *help;
    bool upgrade;
} servers[] = {
    {"websocket", "ws", "This server", true},
    {"websocketTls", "wss", "This server, where its web server speaks TLS", true},
    {"http", "http", "This server", false},
    {"https", "https", "This server, where its web server speaks TLS", false},
};

static void put_servers(struct str *o) {
    put_open(o, "servers", '{');
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        put_open(o, servers[i].name, '{');
        put_text(o, "host", "{host}");
        put_text(o, "protocol", servers[i].protocol);
        put_text(o, "description", servers[i].help);
        put_json(o, "variables",
                 "{\"host\":{\"description\":\"Where this document was found\","
                 "\"default\":\"127.0.0.1:8080\"}}");
        put_open(o, "security", '[');
        for (const struct scheme *s = schemes; s < schemes + SCHEMES; s++)
            if (servers[i].upgrade || !s->upgrade_only)
                put_ref(o, NULL, "securitySchemes", s->name);
        put_close(o, ']');
        put_close(o, '}');
    }
    put_close(o, '}');
}

/* --- ends ------------------------------------------------------------------------------------- */

static bool close_seen(int code) {
    for (int before = ERR_NONE + 1; before < code; before++)
        if (err_close((enum err_code)before) == err_close((enum err_code)code))
            return true;
    return false;
}

/* Every close code of err.def, with what it is for. */
static void put_close_codes(struct str *o) {
    put_open(o, "x-close-codes", '[');
    for (int code = ERR_NONE + 1; code < ERR_COUNT; code++) {
        int number = err_close((enum err_code)code);
        if (!number || close_seen(code))
            continue;
        put_open(o, NULL, '{');
        put_long(o, "code", number);
        put_text(o, "title", err_title((enum err_code)code));
        put_open(o, "errors", '[');
        for (int other = code; other < ERR_COUNT; other++)
            if (err_close((enum err_code)other) == number)
                put_text(o, NULL, err_slug((enum err_code)other));
        put_close(o, ']');
        put_close(o, '}');
    }
    put_close(o, ']');
}

/* --- what is said where ----------------------------------------------------------------------- */

static void on_say(struct words *w, const struct said *said) {
    struct vocabulary *v = container_of(w, struct vocabulary, words);
    require(v->nsaid < VOCABULARY_SAID);
    v->said[v->nsaid++] = *said;
}

static void on_take(struct words *w, const struct taken *taken) {
    struct vocabulary *v = container_of(w, struct vocabulary, words);
    require(v->ntaken < VOCABULARY_TAKEN);
    v->taken[v->ntaken++] = *taken;
}

static void on_query(struct words *w, const struct arg *args) {
    container_of(w, struct vocabulary, words)->query = args;
}

/* "/ws/orders/{id}/items" is ws_orders_id_items. */
static void id_make(const char *path, char id[VOCABULARY_NAME]) {
    size_t n = 0;
    for (const char *c = path + 1; *c && n + 1 < VOCABULARY_NAME; c++)
        if (!strchr("{}", *c))
            id[n++] = *c == '/' ? '_' : *c;
    id[n] = '\0';
}

static const char *language_of(const struct endpoint *ep) {
    const struct endpoint *first = endpoints;
    while (!first->proto || first->proto->language != ep->proto->language)
        first++;
    return first->proto->name;
}

static void listen_to(struct vocabulary *v, const struct endpoint *ep) {
    v->words = (struct words){on_say, on_take, on_query};
    v->endpoint = ep;
    id_make(ep->path, v->id);
    v->language = ep->proto ? language_of(ep) : v->id;
    if (ep->proto)
        ep->proto->words(ep->path, &v->words);
}

/* Not what is about the sidecar itself, nor Socket.IO, whose packets AsyncAPI has no words for (its events
 * have types: www/lib/socketio-events.d.ts). */
static bool is_channel(const struct endpoint *ep) {
    return ep->proto ? ep->proto->words != NULL : ep->op != NULL;
}

static void document_put(struct str *o) {
    struct paper p = {.schemas = schemas_open()};
    p.all = x_alloc(DOCUMENT_CHANNELS * sizeof *p.all);
    for (const struct endpoint *ep = endpoints; ep->path; ep++) {
        require(p.n < DOCUMENT_CHANNELS);
        if (is_channel(ep))
            listen_to(&p.all[p.n++], ep);
    }
    put_open(o, NULL, '{');
    put_info(o);
    put_servers(o);
    put_open(o, "channels", '{');
    channels_put(&p, o);
    put_close(o, '}');
    put_open(o, "operations", '{');
    operations_put(&p, o);
    put_close(o, '}');
    put_open(o, "components", '{');
    put_schemes(o);
    put_open(o, "messages", '{');
    messages_put(&p, o);
    put_close(o, '}');
    put_open(o, "schemas", '{');
    schemas_put(p.schemas, o);
    put_close(o, '}');
    put_close(o, '}');
    put_close_codes(o);
    put_close(o, '}');
    schemas_close(p.schemas);
    x_free(p.all);
}

void asyncapi_get(struct server *s, const struct request *r, struct str *body, int *status,
                  const char **content_type) {
    (void)s, (void)r, (void)status;
    *content_type = "application/json";
    document_put(body);
}
