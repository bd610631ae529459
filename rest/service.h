/* service.h - what a program's threads share, and what one request owns.
 *
 * struct service is made by server.c before the threads start and const afterwards, but for
 * what may be exchanged under way: the token keys and the log level (SIGHUP), and the positions
 * page (there may be none at start). struct exchange belongs to one thread.
 */
#ifndef REST_SERVICE_H
#define REST_SERVICE_H

#include "access/settings.h"
#include "answers.h"
#include "data/db.h"
#include "data/positions.h"
#include "limit.h"
#include "request.h"
#include "response.h"
#include "router.h"

#include <pthread.h>
#include <stdatomic.h>

struct service {
    const char *name;
    const struct settings *settings;
    const struct route *routes;
    const struct op **ops; /* of each route, in the order of `routes` */
    pthread_rwlock_t keys; /* held for reading while `auth` is used */
    struct auth *auth;
    _Atomic(struct positions *) page;
    struct answers *answers;  /* NULL: none are kept */
    struct limit *limit;
    atomic_long per_account, per_address; /* requests a second; 0: any number */
    atomic_ullong limit_said; /* clock_mono_ms when the log last heard of a refusal for it */
    atomic_int log_level;     /* as log.h has it now: what is not said need not be put together */
    atomic_ullong page_tried; /* clock_mono_ms of the last attempt to open it */
};

struct exchange {
    struct service *service;
    struct db *db;
    struct arena *arena;
    struct request rq;
    struct response rs;
    struct route_match match;
    const struct op *op;  /* of the matched route */
    struct principal who; /* role ROLE_NONE: nobody */
    bool by_cookie;
    bool masked;
    int64_t now;        /* Unix seconds when the request was read */
    bool limited;       /* refused, because there were too many */
    struct json *body;  /* parsed, NULL when there was none; freed by dispatch */
    struct str subject; /* what is asked and for whose eyes (cache.h); empty: not needed so far */
    uint64_t subject_hash;
    const struct kept *kept; /* the answer came from memory: until dispatch_done */
};

/* The page, or NULL while there is none: then everything is asked of the database. */
struct positions *service_page(struct service *s);

#endif
