/* snapshot.h - the state that a connection begins with, and gets again when it can't be continued.
 *
 * For languages whose connections show one thing (admin, entity): the conn holds, the state is read
 * with its position in one statement, shown, and what was held up to there is dropped. Owned by the
 * conn's proto; carries the conn's id, never a pointer. While the database is away it waits.
 */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include "base/json.h"
#include "core/conn.h"

struct snapshot {
    struct server *server;
    uint64_t conn;
    const char *kind; /* as channel_snapshot calls it (sql/api/60_snapshots.sql) */
    char id[24];      /* "": it has none */
    bool begun;       /* it was asked for once */
    bool out, again;  /* it is asked for; it will be too old */
    struct timer retry;
    void (*show)(struct conn *c, const struct json *docs, const char *position); /* queues it */
};

/* `kind` must stay valid; id 0: none. */
void snapshot_init(struct snapshot *s, struct conn *c, const char *kind, int64_t id,
                   void (*show)(struct conn *c, const struct json *docs, const char *position));
/* The conn holds; it is released behind the state. What is not there (any more) is an error and the
 * end of the connection. */
void snapshot_ask(struct snapshot *s, struct conn *c);
void snapshot_resync(struct snapshot *s, struct conn *c); /* as proto->resync */
void snapshot_end(struct snapshot *s);                    /* the conn goes */

#endif
