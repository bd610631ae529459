/* http_inner.h - what the files of the front (http*.c) share: the daemon and a request in its hands. */
#ifndef LINK_HTTP_INNER_H
#define LINK_HTTP_INNER_H

#include "link/handshake.h"
#include "link/http.h"

#include "base/mem.h"
#include "core/bearer.h"
#include "data/op.h"

#include <microhttpd.h>

#define TOKEN_MAX 4096
#define BODY_MAX  1048576 /* of what nobody wants: it is read and dropped */

/* A request that MHD has suspended (http_park.c). */
struct parked {
    struct http *http;
    struct MHD_Connection *mhd; /* NULL: not parked */
    struct watch watch;
    void (*left)(struct parked *p); /* the client has gone, or the server goes: must unpark */
    struct parked *prev, *next;
};

struct ws_opening; /* link/ws.h */

typedef void header_put(void *to, const char *name, const char *value);

struct way {
    bool upgrade; /* opened once and then no HTTP any more: a ticket will do, CORS does not count */
    const char *methods; /* that pages of other sites may use; NULL: GET */
    /* Does it all, from the method to the limits; NULL: the three below are asked. */
    enum MHD_Result (*serve)(struct request *r);
    size_t (*body_max)(const struct settings *set); /* what is kept of a body; NULL: nothing */
    void (*headers)(const struct request *r, header_put *put, void *to); /* of a 101; may be NULL */
    uint64_t (*open)(struct request *r, const struct ws_opening *o); /* NULL: ws_open */
    bool (*check)(struct request *r, struct err *e); /* before it is known who asks; may be NULL */
    /* With a principal and a place in limits, which the conn that it makes takes over. */
    enum MHD_Result (*answer)(struct request *r);
    enum MHD_Result (*refuse)(struct request *r, const struct err *e); /* NULL: http_refuse */
};

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
    struct parked *parked; /* all of them */
    struct begun *returned; /* http_take.c */
    struct str document;   /* http_document.c */
    const char *document_type;
    char document_tag[20];
};

enum request_who { WHO_UNKNOWN, WHO_ASKING, WHO_KNOWN, WHO_REFUSED };

struct request {
    struct http *http;
    struct MHD_Connection *mhd;
    struct arena *arena;
    const char *method, *version, *path;
    const char *target; /* the path and the query as they came; the front's */
    uint64_t begun;     /* bytes of the connection before this one, unless there were chunks */
    bool chunked;
    size_t head_len;
    const struct endpoint *ep;
    char segment[64], id[65], address[46];
    size_t body;         /* bytes of it that came */
    struct str text;     /* the body, when its way keeps it and it is not too long */
    enum request_who known;
    struct principal who;
    struct bearer token; /* what says who it is */
    struct err *refusal; /* of the database, when WHO_REFUSED; arena */
    bool counted;        /* holds a place in limits that no conn has taken over */
    struct parked asking; /* while the database is being asked */
    bool preflight; /* OPTIONS of something that pages of other sites may read */
    struct str ready; /* the answer, made while it was parked */
    const char *ready_type; /* NULL: JSON */
    long long wait_ms; /* of a poll */
    /* of Engine.IO */
    struct conn *session;    /* whose poll is parked */
    struct login login;      /* of a handshake, not looked at; arena */
    struct timer delay;      /* of a handshake that waits */
    bool delayed;
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
/* Its head as it came, byte for byte; false: it was written in some other way than most do. */
bool request_head(const struct request *r, struct str *out) must_check;
bool request_keeps(const struct request *r); /* the connection is for more than this one */
bool request_from_proxy(const struct request *r); /* the peer is one of trusted_proxies */

/* http_auth.c */
/* What came with it to say who asks, wherever it may stand (arena); no text: nothing, with the
 * reason. `once`: it opens a connection, so a ticket will do; what comes again and again needs more. */
struct login auth_login(struct request *r, bool once, struct err *e) must_check;
enum auth_step { AUTH_OK, AUTH_WAIT, AUTH_REFUSED };
/* Fills r->who. AUTH_WAIT: the request was suspended and will be handled again from its start. */
enum auth_step auth_step(struct request *r, struct err *e) must_check;
/* Between auth_step and the first breath of the connection news may have come that it has missed:
 * the close code it deserves, or 0. */
int auth_overtaken(const struct request *r);

void auth_refuse(struct request *r, const struct err *e); /* when it is handled again */

/* http_upgrade.c */
bool http_upgrade_check(struct request *r, struct err *e) must_check;
enum MHD_Result http_upgrade_answer(struct request *r); /* after the check */
/* The request has become this conn: logs it, and closes it when news came meanwhile. */
void http_opened(const struct request *r, uint64_t conn);

/* http_park.c */
void park(struct http *h, struct MHD_Connection *mhd, struct parked *p,
          void (*left)(struct parked *p));
void unpark(struct parked *p); /* MHD goes on with it: calls again what parked it */
bool is_parked(const struct parked *p);

/* http_take.c */
struct header {
    const char *name, *value;
};
/* The request's socket, ours from now on; a conn must be made for it, and MHD_NO be returned. -1: no
 * descriptor was left; MHD_NO then, too. */
int http_take(struct request *r) must_check;
/* Nothing has come behind the request: what MHD has read too much is lost to whoever takes the socket. */
bool http_alone(const struct request *r);
void http_give_back(struct http *h, int fd); /* MHD reads on; not to be watched any more */
uint64_t http_begun(struct http *h, int fd); /* where on its connection MHD begins to read */
/* Status line and headers of its answer, up to where more may follow; `headers` end with NULL. */
void http_head_put(const struct request *r, const char *status, const struct header *headers,
                   struct str *out);
void http_header_put(void *out, const char *name, const char *value); /* a line of it; `out`: struct str */

/* http_cors.c */
void cors_headers(const struct request *r, header_put *put, void *to); /* of every answer */
void cors_preflight_headers(const struct request *r, struct MHD_Response *res); /* and these */

/* http.c */
void http_run_soon(struct http *h); /* after every resume and upgrade of ours */
enum MHD_Result http_refuse(struct request *r, const struct err *e);
void http_response_put(void *res, const char *name, const char *value); /* a header_put of MHD's */
/* The server takes no new ones; and: may this one open what it asks for, and is there room? */
bool http_draining(const struct request *r, struct err *e) must_check;
bool http_admitted(struct request *r, struct err *e) must_check;
struct MHD_Response *http_response(const char *type, struct str *body); /* takes the bytes */
/* Adds what every answer has; takes the response over. */
enum MHD_Result http_respond(struct request *r, int status, struct MHD_Response *res);

#endif
