/* bearer.h - who stands behind a token, without ever blocking the loop.
 *
 * A JWT is checked here and against the positions page, which this very process keeps. An API key,
 * a ticket and the account of an outside provider's token need the database. Called by
 * link/http_auth.c for requests and by languages whose clients say who they are in a message.
 * Embedded in its owner, who forgets it (bearer_forget) when it dies with a question out. No token
 * and no part of one is logged.
 */
#ifndef CORE_BEARER_H
#define CORE_BEARER_H

#include "access/auth.h"
#include "server.h"

/* What somebody shows to say who they are. */
struct login {
    const char *text; /* NULL: nothing */
    bool ticket;      /* of POST /api/auth/ticket, good for one connection; else a token or a key */
};

enum bearer_step { BEARER_KNOWN, BEARER_ASKED, BEARER_REFUSED };

struct bearer {
    struct server *server;
    struct principal who; /* once it is known */
    /* After BEARER_ASKED, once and in a later turn; `e` NULL: it is known. */
    void (*done)(struct bearer *b, const struct err *e);
    /* bearer.c's: */
    const char *question; /* op that was asked; NULL: the token said so itself */
    uint64_t mark;        /* sessions_mark when it was asked */
    int64_t asked_s;
    unsigned again; /* how often it had to be asked anew */
    char hash[65], iat[24];
    struct timer look; /* for a venue founded just now */
    uint64_t look_until;
};

/* `b` is zeroed but for server and done. UNAVAILABLE until the feed has caught up: until then
 * revocations are not known, and nothing could be sent either. */
enum bearer_step bearer_check(struct bearer *b, struct login login, struct err *e) must_check;
void bearer_forget(struct bearer *b);
/* False with UNAVAILABLE: nobody can be told apart yet. */
bool bearer_ready(const struct server *s, struct err *e) must_check;
/* Between the answer and the first breath of a connection news may have come that it has missed:
 * the close code that it deserves, or 0. Asked by whoever has known it for more than a turn. */
int bearer_overtaken(const struct bearer *b);

#endif
