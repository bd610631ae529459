/* sidecar.h - a whole sidecar in one process with its clients, and a database that never answers.
 *
 * The server is the product's: its table of endpoints, MHD, links, languages, hub, ring. Rows of
 * the feed come from memory. Turns are run one by one, so that what a client does is not counted.
 */
#ifndef GUARD_SIDECAR_H
#define GUARD_SIDECAR_H

#include "base/str.h"
#include "core/event.h"
#include "data/dba.h"
#include "server.h"

#define LOT 100 /* clients at once */

struct session_watch;

extern struct server server;

void sidecar_up(void);
void sidecar_down(void);
void sidecar_turns(unsigned n);                      /* a millisecond for all of them */
void sidecar_sessions_read(struct session_watch *w); /* sessions.c */

const char *sidecar_token(void);     /* known to the server after its first use */
const char *sidecar_new_token(void); /* never seen before; until the next call */

/* Rows as the feed's reader gives them: the venue's next seq. */
enum sidecar_row { ROW_TABLE, ROW_ORDER };
const struct dba_rows *sidecar_rows(enum sidecar_row kind); /* until the next call */
struct event *sidecar_event(const struct dba_rows *rows);
void sidecar_publish(struct event *e); /* into the ring and to all; takes the reference */
/* Where the venue stands, as a position; until the next call. */
const char *sidecar_cursor(void);

/* Clients: plain blocking sockets, LOT of them at most. */
void lot_connect(unsigned n);
void lot_say(const void *bytes, size_t len); /* each of them */
void lot_say_frame(const char *text);        /* a masked text frame */
/* What each has got since; aborts when one has got nothing. The last one's bytes as text,
 * blanks for the NULs in them. */
const char *lot_hear(void);
void lot_close(void);
/* All connections of the server hear this topic, whatever they still waited for. */
void lot_subscribe(struct topic t);

#endif
