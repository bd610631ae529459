/* http_inner.h - what the files of the front (http*.c) share: the daemon and a request in its hands. */
#ifndef LINK_HTTP_INNER_H
#define LINK_HTTP_INNER_H

#include "link/handshake.h"
#include "link/http.h"

#include "base/mem.h"
#include "data/op.h"

#include <microhttpd.h>

#define TOKEN_MAX 4096
#define BODY_MAX  65536 /* nobody sends us bodies; what comes is read and dropped */

struct http {
    struct server *server;
    const struct endpoint *table;
    struct MHD_Daemon *daemon;
    struct watch watch; /* MHD's own epoll, nested in ours */
    struct turn_hook hook;
    uint64_t due;       /* clock_mono_ms of MHD's next deadline */
    bool armed;         /* run MHD in this turn */
    bool stopping;
    unsigned port;
    struct request *asking; /* suspended: the database is being asked who it is */
};

enum request_who { WHO_UNKNOWN, WHO_ASKING, WHO_KNOWN, WHO_REFUSED };

struct request {
    struct http *http;
    struct MHD_Connection *mhd;
    struct arena *arena;
    const char *method, *version, *path;
    const struct endpoint *ep;
    char segment[64], id[65], address[46];
    size_t body;         /* bytes of it that were dropped */
    enum request_who known;
    struct principal who;
    const char *question; /* op that was asked who it is; NULL: the token said so itself */
    uint64_t mark;        /* sessions_mark when it was asked */
    int64_t asked_s;
    struct op_values values;
    unsigned again;      /* how often it had to be asked anew */
    struct err *refusal; /* of the database, when WHO_REFUSED; arena */
    bool counted;        /* holds a place in limits that no conn has taken over */
    struct watch leaving; /* while suspended: MHD does not see a client leave then */
    struct request *prev, *next; /* of http->asking */
    /* of an upgrade */
    bool handed_over; /* the socket goes on without MHD */
    bool bearer; /* the token came as a subprotocol: the answer selects it */
    int window_bits;
    char accept[HANDSHAKE_ACCEPT_MAX], extensions[HANDSHAKE_ANSWER_MAX];
};

/* http_request.c */
struct request *request_new(struct http *h, struct MHD_Connection *mhd, const char *url,
                            const char *method, const char *version);
void request_free(struct request *r);
/* All values of a header joined with commas (arena), or NULL: a field may come in several lines. */
const char *request_header_all(const struct request *r, const char *name);
bool request_from_proxy(const struct request *r); /* the peer is one of trusted_proxies */

/* http_auth.c */
enum auth_step { AUTH_OK, AUTH_WAIT, AUTH_REFUSED };
/* Fills r->who. AUTH_WAIT: the request was suspended and will be handled again from its start. */
enum auth_step auth_step(struct request *r, struct err *e) must_check;
/* Between auth_step and the first breath of the connection news may have come that it has missed:
 * the close code it deserves, or 0. */
int auth_overtaken(const struct request *r);
void auth_forget(struct request *r); /* the request ends while the database is being asked */

/* http_upgrade.c */
bool upgrade_check(struct request *r, struct err *e) must_check; /* RFC 6455 section 4.2.1 */
enum MHD_Result upgrade_answer(struct request *r);

/* http.c */
void http_run_soon(struct http *h); /* after every resume and upgrade of ours */
enum MHD_Result http_refuse(struct request *r, const struct err *e);

#endif
