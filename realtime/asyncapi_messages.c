/* asyncapi_messages.c - each message once, as a Message Object of AsyncAPI 3 with its schema and an
 * example. See asyncapi.h.
 *
 * What stands in every message is said here (as core/message.c writes it), the rest by the schemas
 * that the tables name: as a member, or with their members beside the head. An action is its op's
 * arguments, less those that its place says.
 */
#include "config.h"

#include "asyncapi_inner.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define TIMESTAMP "2026-06-27T18:40:02.310Z"
#define CURSOR    "5f0c2ad9v3-4711"

/* --- names ------------------------------------------------------------------------------------ */

void said_name(const struct said *m, char name[VOCABULARY_NAME]) {
    if (m->action)
        snprintf(name, VOCABULARY_NAME, "%s_%s", m->type, m->action);
    else
        snprintf(name, VOCABULARY_NAME, "%s", m->name ? m->name : m->type);
}

void taken_name(const struct taken *t, char name[VOCABULARY_NAME]) {
    snprintf(name, VOCABULARY_NAME, "%s%s%s", t->name, t->key ? "_by_" : "", t->key ? t->key : "");
}

static bool same_name(const struct said *a, const struct said *b) {
    char one[VOCABULARY_NAME], other[VOCABULARY_NAME];
    said_name(a, one);
    said_name(b, other);
    return str_eq(one, other);
}

bool said_before(const struct vocabulary *v, unsigned i) {
    for (unsigned j = 0; j < i; j++)
        if (same_name(&v->said[j], &v->said[i]))
            return true;
    return false;
}

const struct said *reply_of(const struct vocabulary *v, const struct taken *t) {
    for (const struct said *m = v->said; t->reply && m < v->said + v->nsaid; m++)
        if (m->action ? str_eq(m->type, t->reply) && str_eq(m->action, t->name)
                      : str_eq(m->name ? m->name : m->type, t->reply))
            return m;
    return NULL;
}

bool is_asked(const struct vocabulary *v) {
    return v->endpoint->way == &way_poll || v->endpoint->op;
}

/* --- what the server says: schemas ------------------------------------------------------------ */

static void put_const(struct str *o, const char *key, const char *value) {
    put_open(o, key, '{');
    put_text(o, "type", "string");
    put_text(o, "const", value);
    put_close(o, '}');
}

static const char *named_by(const struct said *m) {
    return m->marks & SAID_STATUS ? "status" : "type";
}

static bool bare(const struct said *m) {
    return m->marks & (SAID_BARE | SAID_STATUS);
}

static bool put_property(const char *key, const struct json *v, void *ctx) {
    put_value(ctx, key, v);
    return true;
}

/* What the schema says beside its members: oneOf and the like. */
static bool put_rest(const char *key, const struct json *v, void *ctx) {
    static const char *const own[] = {"type",       "required", "additionalProperties",
                                      "properties", "examples", "description"};
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
        if (str_eq(key, own[i]))
            return true;
    put_value(ctx, key, v);
    return true;
}

static void put_required(struct str *o, const struct said *m, const struct json *schema) {
    const struct json *names = m->member ? NULL : json_get(schema, "required");
    put_open(o, "required", '[');
    put_text(o, NULL, named_by(m));
    if (!bare(m)) {
        put_text(o, NULL, "timestamp");
        put_text(o, NULL, "cursor");
    }
    if (m->action)
        put_text(o, NULL, "action");
    if (m->member)
        put_text(o, NULL, m->member);
    for (size_t i = 0; i < json_length(names); i++)
        put_value(o, NULL, json_at(names, i));
    put_close(o, ']');
}

static void put_properties(struct str *o, const struct said *m, const struct json *schema) {
    put_open(o, "properties", '{');
    put_const(o, named_by(m), m->type);
    if (!bare(m)) {
        put_ref(o, "timestamp", "schemas", "Timestamp");
        put_ref(o, "cursor", "schemas", "Cursor");
    }
    if (m->action)
        put_const(o, "action", m->action);
    if (m->member)
        put_ref(o, m->member, "schemas", m->schema);
    else
        json_each(json_get(schema, "properties"), put_property, o);
    if (m->marks & (SAID_REPEATS | SAID_ANSWERS))
        put_ref(o, "requestId", "schemas", "RequestId");
    if (m->marks & SAID_DELETED)
        put_ref(o, "deleted", "schemas", "Deleted");
    put_close(o, '}');
}

static void put_payload(struct str *o, const struct said *m, const struct json *schema) {
    if (m->marks & SAID_TEXT) {
        put_const(o, "payload", m->type);
        return;
    }
    put_open(o, "payload", '{');
    put_text(o, "type", "object");
    put_bool(o, "additionalProperties", false);
    put_required(o, m, schema);
    put_properties(o, m, schema);
    if (!m->member)
        json_each(schema, put_rest, o);
    put_close(o, '}');
}

/* --- and examples ----------------------------------------------------------------------------- */

static void put_example(struct str *o, const char *key, const struct said *m,
                        const struct json *schema) {
    const struct json *example = json_at(json_get(schema, "examples"), 0);
    if (m->marks & SAID_TEXT) {
        put_text(o, key, m->type);
        return;
    }
    require(!m->schema || example);
    put_open(o, key, '{');
    put_text(o, named_by(m), m->type);
    if (!bare(m)) {
        put_text(o, "timestamp", TIMESTAMP);
        put_text(o, "cursor", CURSOR);
    }
    if (m->action)
        put_text(o, "action", m->action);
    if (m->member)
        put_value(o, m->member, example);
    else
        json_each(example, put_property, o);
    put_close(o, '}');
}

static void put_head(struct str *o, const char *name, const struct json *schema, bool text) {
    const struct json *about = json_get(schema, "description");
    put_text(o, "name", name);
    if (about)
        put_value(o, "description", about);
    put_text(o, "contentType", text ? "text/plain" : "application/json");
}

static void put_said(const struct paper *p, struct str *o, const char *key, const struct said *m) {
    const struct json *schema = m->schema ? schemas_find(p->schemas, m->schema) : NULL;
    require(!m->schema || schema);
    put_open(o, key, '{');
    put_head(o, m->type, schema, m->marks & SAID_TEXT);
    put_payload(o, m, schema);
    put_open(o, "examples", '[');
    put_open(o, NULL, '{');
    put_example(o, "payload", m, schema);
    put_close(o, '}');
    put_close(o, ']');
    put_close(o, '}');
}

/* --- what clients say ------------------------------------------------------------------------- */

static bool given(const struct taken *t, const char *name) {
    for (unsigned i = 0; i < TAKEN_GIVEN; i++)
        if (t->given[i] && str_eq(t->given[i], name))
            return true;
    return false;
}

/* The object's members as arguments: the action's name, what it takes, the request's id. */
static void put_action_schema(struct str *o, const struct taken *t) {
    struct arg args[OP_ARGS_MAX + 3] = {{0}};
    char names[2 * VOCABULARY_NAME];
    unsigned n = 0;
    snprintf(names, sizeof names, "%s%s%s", t->name, t->alias ? "|" : "", t->alias ? t->alias : "");
    args[n++] = (struct arg){.name = t->key ? t->key : "action",
                             .type = ARG_ENUM,
                             .required = true,
                             .choices = names,
                             .help = "what is asked for"};
    for (const struct arg *a = t->op ? op_find(t->op)->args : t->args; a && a->name; a++) {
        if (given(t, a->name))
            continue;
        args[n] = *a;
        if (t->named && str_eq(a->name, "id")) {
            args[n].name = t->named;
            args[n].alias = NULL;
        }
        n++;
    }
    args[n] = (struct arg){.name = "requestId",
                           .type = ARG_TEXT,
                           .min = 1,
                           .max = 128,
                           .help = "the answer repeats it; a write with it is done once"};
    arg_put_body(o, "payload", args, true);
}

static void put_text_schema(struct str *o, const struct taken *t) {
    put_open(o, "payload", '{');
    put_text(o, "type", "string");
    put_open(o, "enum", '[');
    put_text(o, NULL, t->text);
    put_textf(o, NULL, "\"%s\"", t->text);
    put_close(o, ']');
    put_close(o, '}');
}

static void put_taken_example(const struct paper *p, struct str *o, const struct taken *t) {
    const struct json *example = schemas_sent(p->schemas, "actions", t->name);
    put_open(o, "payload", '{');
    put_text(o, t->key ? t->key : "action", t->name);
    json_each(example, put_property, o);
    put_close(o, '}');
}

static void put_taken(const struct paper *p, struct str *o, const char *key,
                      const struct taken *t) {
    put_open(o, key, '{');
    put_head(o, t->name, NULL, t->text != NULL);
    if (t->op)
        put_text(o, "summary", op_find(t->op)->summary);
    if (t->text)
        put_text_schema(o, t);
    else
        put_action_schema(o, t);
    put_open(o, "examples", '[');
    put_open(o, NULL, '{');
    if (t->text)
        put_text(o, "payload", t->text);
    else
        put_taken_example(p, o, t);
    put_close(o, '}');
    put_close(o, ']');
    put_close(o, '}');
}

/* --- what is asked by GET --------------------------------------------------------------------- */

static void put_poll_example(const struct paper *p, const struct vocabulary *v, struct str *o) {
    const struct said *first = &v->said[0];
    put_open(o, "examples", '[');
    put_open(o, NULL, '{');
    put_open(o, "payload", '{');
    put_text(o, "cursor", CURSOR);
    put_open(o, "events", '[');
    put_example(o, NULL, first, schemas_find(p->schemas, first->schema));
    put_close(o, ']');
    put_close(o, '}');
    put_close(o, '}');
    put_close(o, ']');
}

/* A poll's answer holds messages. */
static void put_poll_payload(const struct paper *p, const struct vocabulary *v, struct str *o) {
    char name[VOCABULARY_NAME];
    put_open(o, "payload", '{');
    put_text(o, "type", "object");
    put_json(o, "required", "[\"cursor\",\"events\"]");
    put_bool(o, "additionalProperties", false);
    put_open(o, "properties", '{');
    put_ref(o, "cursor", "schemas", "Cursor");
    put_open(o, "events", '{');
    put_text(o, "type", "array");
    put_open(o, "items", '{');
    put_open(o, "anyOf", '[');
    for (unsigned i = 0; i < v->nsaid; i++) {
        if (said_before(v, i))
            continue;
        said_name(&v->said[i], name);
        put_open(o, NULL, '{');
        put_textf(o, "$ref", "#/components/messages/%s.%s/payload", v->language, name);
        put_close(o, '}');
    }
    put_close(o, ']');
    put_close(o, '}');
    put_close(o, '}');
    put_close(o, '}');
    put_close(o, '}');
    put_poll_example(p, v, o);
}

static void put_op_payload(const struct paper *p, const char *schema, struct str *o) {
    put_ref(o, "payload", "schemas", schema);
    put_open(o, "examples", '[');
    put_open(o, NULL, '{');
    put_value(o, "payload", json_at(json_get(schemas_find(p->schemas, schema), "examples"), 0));
    put_close(o, '}');
    put_close(o, ']');
}

static void put_asked(const struct paper *p, const struct vocabulary *v, struct str *o) {
    const char *op = v->endpoint->op;
    char key[VOCABULARY_NAME + 16];
    snprintf(key, sizeof key, "%s.question", v->id);
    put_open(o, key, '{');
    put_text(o, "name", "question");
    put_text(o, "description", "A GET without a body: the URL says it all.");
    put_close(o, '}');
    snprintf(key, sizeof key, "%s.answer", v->id);
    put_open(o, key, '{');
    put_text(o, "name", "answer");
    put_text(o, "contentType", "application/json");
    put_text(o, "description",
             op ? op_find(op)->summary
                : "What has come since, up to the cursor: ask again with it.");
    if (op)
        put_op_payload(p, op_find(op)->answer, o);
    else
        put_poll_payload(p, v, o);
    put_close(o, '}');
}

/* --- all of them ------------------------------------------------------------------------------ */

/* By another path of the same language: then it has been written, and must be the same. */
static bool written(const struct paper *p, const struct vocabulary *v, const struct said *m) {
    for (const struct vocabulary *w = p->all; w < v; w++)
        for (unsigned i = 0; str_eq(w->language, v->language) && i < w->nsaid; i++)
            if (same_name(&w->said[i], m)) {
                require(str_eq(w->said[i].schema, m->schema) && w->said[i].marks == m->marks);
                return true;
            }
    return false;
}

static void put_vocabulary(const struct paper *p, const struct vocabulary *v, struct str *o) {
    char name[VOCABULARY_NAME], key[2 * VOCABULARY_NAME];
    for (unsigned i = 0; i < v->nsaid; i++) {
        if (said_before(v, i) || written(p, v, &v->said[i]))
            continue;
        said_name(&v->said[i], name);
        snprintf(key, sizeof key, "%s.%s", v->language, name);
        put_said(p, o, key, &v->said[i]);
    }
    for (unsigned i = 0; i < v->ntaken; i++) {
        taken_name(&v->taken[i], name);
        snprintf(key, sizeof key, "%s.%s", v->id, name);
        put_taken(p, o, key, &v->taken[i]);
    }
}

void messages_put(const struct paper *p, struct str *o) {
    for (const struct vocabulary *v = p->all; v < p->all + p->n; v++) {
        put_vocabulary(p, v, o);
        if (is_asked(v))
            put_asked(p, v, o);
    }
}
