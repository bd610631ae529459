/* asyncapi_inner.h - what the makers of the AsyncAPI document share; included by asyncapi*.c only.
 */
#ifndef REALTIME_ASYNCAPI_INNER_H
#define REALTIME_ASYNCAPI_INNER_H

#include "base/put.h"
#include "core/words.h"
#include "data/arg_schema.h"
#include "data/schemas.h"
#include "link/http.h"

#define VOCABULARY_SAID  40
#define VOCABULARY_TAKEN 16
#define VOCABULARY_NAME  80

/* What is said at one endpoint: a channel of the document. */
struct vocabulary {
    struct words words;
    const struct endpoint *endpoint;
    char id[VOCABULARY_NAME];
    const char *language; /* whose messages have the same name wherever they are said */
    struct said said[VOCABULARY_SAID];
    unsigned nsaid;
    struct taken taken[VOCABULARY_TAKEN];
    unsigned ntaken;
    const struct arg *query; /* or NULL */
};

struct paper {
    struct schemas *schemas;
    struct vocabulary *all;
    unsigned n;
};

/* asyncapi_messages.c */
/* What it is called in its channel. */
void said_name(const struct said *m, char name[VOCABULARY_NAME]);
void taken_name(const struct taken *t, char name[VOCABULARY_NAME]);
bool said_before(const struct vocabulary *v, unsigned i); /* under this name, earlier in the list */
const struct said *reply_of(const struct vocabulary *v, const struct taken *t); /* NULL: none */
bool is_asked(const struct vocabulary *v); /* a GET with one answer: a poll, or an op's */
/* The members of components.messages. */
void messages_put(const struct paper *p, struct str *o);

/* asyncapi_channels.c */
void channels_put(const struct paper *p, struct str *o);
void operations_put(const struct paper *p, struct str *o);

#endif
