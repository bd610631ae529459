/* sessions.h - who may stay: revoked tokens, changed accounts, and the table of venues.
 *
 * Reads the state at each (re)connect of the feed, then follows the events of area accounts and venue;
 * publishes both to the positions page and closes open connections that they concern within a
 * second: 4003 revoked, 4004 role changed.
 */
#ifndef CORE_SESSIONS_H
#define CORE_SESSIONS_H

#include "server.h"
#include "core/event.h"

enum venue_kind { VENUE_UNKNOWN, VENUE_RESTAURANT, VENUE_HOTEL };

struct session_watch *sessions_start(struct server *s);
void sessions_stop(struct session_watch *w);
bool sessions_ready(const struct session_watch *w); /* the state was read at least once */
/* Nothing of it is being read again: the page says who is revoked, and may be believed. `changed` is
 * called whenever that begins or ends. */
bool sessions_current(const struct session_watch *w);
void sessions_watch(struct session_watch *w, void (*changed)(void *ctx), void *ctx);
void sessions_event(struct session_watch *w, const struct event *e); /* the feed published it */
void sessions_refresh(struct session_watch *w); /* read all again: reconnect, new epoch, resync */
/* Counts what may have ended somebody's rights. Who was looked up in the database at one mark and
 * finds at a later one that his venue has `changed` since must be looked up again: the news may
 * have been older than the connection that they would have closed. */
uint64_t sessions_mark(const struct session_watch *w);
bool sessions_changed(const struct session_watch *w, int64_t venue, uint64_t mark);
/* Other keys are loaded: who came by one that is gone has to go. */
void sessions_keys(struct session_watch *w);
/* The database has said so of a venue that was unknown here. */
void sessions_venue_found(struct session_watch *w, int64_t venue, const char *kind, bool active);
enum venue_kind sessions_venue_kind(const struct session_watch *w, int64_t venue);
bool sessions_venue_active(const struct session_watch *w, int64_t venue);

#endif
