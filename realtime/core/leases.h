/* leases.h - this sidecar's connections in the database (sql/api/96_leases.sql), where all are counted.
 *
 * Every connection has a row from soon after it opens until soon after it goes; openings and goings
 * of a moment are one statement. One that counts against a cap of the whole cluster asks for its
 * place first; what an account, a venue and an address may hold is counted by the statement that writes the
 * openings, and who is too many then is closed (4008). A sidecar that dies loses its rows with its presence. While the database is away a wish
 * waits, and what is held stays held: the rows are written anew once the feed is back.
 */
#ifndef CORE_LEASES_H
#define CORE_LEASES_H

#include "core/conn.h"

struct leases;

/* In a later turn, unless the conn went before. */
typedef void lease_done(struct conn *c, bool granted);

struct leases *leases_start(struct server *s);
void leases_stop(struct leases *l);
/* conn.c: it is there; it goes. `l` may be NULL: a server without a database. */
void leases_open(struct leases *l, struct conn *c);
void leases_give(struct leases *l, const struct conn *c);
/* It also counts against a cap: once a conn. `kind` must stay valid; `most` conns of this kind may be
 * open in its venue. */
void leases_take(struct leases *l, struct conn *c, const char *kind, long most, lease_done *done);
/* The feed has joined (again) as `name`: its presence stands, the rows are brought in line. */
void leases_restore(struct leases *l, const char *name);
/* Writes how the venue's connections do, and asks the other sidecars to. What is asked of the same pool
 * next sees what this one has written; what the others write is there for whoever asks after them. */
void leases_ask(struct leases *l, int64_t venue);
void leases_heard(struct leases *l, const char *asked); /* another one asks (feed.c) */

#endif
