/* leases.h - caps that hold over all sidecars: a connection's row in the database (sql/api/96_leases.sql).
 *
 * Asked for when a connection opens and given back when it goes; a sidecar that dies loses its rows
 * with its presence. While the database is away a wish waits, and what is held stays held: the
 * rows are written anew once the feed is back.
 */
#ifndef CORE_LEASES_H
#define CORE_LEASES_H

#include "core/conn.h"

struct leases;

/* In a later turn, unless the conn went before. */
typedef void lease_done(struct conn *c, bool granted);

struct leases *leases_start(struct server *s);
void leases_stop(struct leases *l);
/* One lease a conn. `kind` must stay valid; `most` conns of this kind may be open in its venue. */
void leases_take(struct leases *l, struct conn *c, const char *kind, long most, lease_done *done);
void leases_give(struct leases *l, const struct conn *c); /* harmless when it has none */
/* The feed has joined (again) as `name`: its presence stands, the rows are brought in line. */
void leases_restore(struct leases *l, const char *name);

#endif
