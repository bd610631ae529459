/* words.h - what a language says and understands, for the AsyncAPI document (realtime/asyncapi*.c).
 *
 * Each proto tells its own out of the very tables that it speaks by (proto->words). Schemas are
 * named as in docs/schemas; the head that message_begin writes is not in them.
 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include "access/topic.h"
#include "data/op.h"

enum {
    SAID_BARE = 1,     /* without timestamp and cursor */
    SAID_STATUS = 2,   /* named by `status` instead of `type`; bare, too */
    SAID_TEXT = 4,     /* the type is all of it, and no JSON */
    SAID_REPEATS = 8,  /* the requestId, when it answers */
    SAID_ANSWERS = 16, /* and is said only then */
    SAID_DELETED = 32  /* may stand in it: the thing is told once more */
};

/* What the server says. */
struct said {
    const char *type;
    const char *name;   /* in the document, where the type does not tell it from another; or NULL */
    const char *member; /* where the schema's value stands; NULL: its members are the message's */
    const char *schema; /* NULL: there is no more to it */
    const char *action; /* what it acknowledges, which it says; or NULL */
    const char *kind;   /* the aggregate of its events: event_reaches tells the channels; or NULL */
    const enum topic_kind *topics; /* the channels of a figure, ended by TOPIC_NONE; or NULL */
    unsigned marks;
};

/* What a client says. */
#define TAKEN_GIVEN 2
struct taken {
    const char *name, *alias;       /* alias: may be NULL; so may all that follow */
    const char *key;                /* the member that says the name; NULL: `action` */
    const char *text;               /* it is this text, bare or as a JSON string, and no object */
    const char *op;                 /* whose arguments and capability it has */
    const struct arg *args;         /* of one without an op */
    const char *named;              /* how clients call the op's `id` */
    const char *given[TAKEN_GIVEN]; /* arguments that are said by the path or the name */
    const char *reply;              /* the name of what answers it; NULL: its event does */
};

/* Whoever writes it down. */
struct words {
    void (*say)(struct words *w, const struct said *said);
    void (*take)(struct words *w, const struct taken *taken);
    /* What the URL may say beside a token. */
    void (*query)(struct words *w, const struct arg *args);
};

#endif
