/* tables.h - the floor plan over Socket.IO (SPEC 5.5, seed 004): a row of endpoints.c.
 *
 * An application on proto/socketio; rooms are the hub's, by floor or all tables of the venue. Its
 * events are gathered and leave by a clock a venue (tables_batch.c).
 */
#ifndef PROTO_TABLES_H
#define PROTO_TABLES_H

#include "proto/socketio.h"

extern const struct sio_proto tables_proto;

/* The clocks of a server's venues and the renewal of what its clients could come back to; started
 * before, stopped after the last connection. */
struct tables_shared *tables_start(struct server *s);
void tables_stop(struct tables_shared *sh);

#endif
