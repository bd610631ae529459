/* server.h - what one sidecar process is made of: the parts, wired in main.c, nothing global.
 *
 * A part that is NULL is absent: tests/conformance/ws-echo runs without database, hub, feed and page.
 */
#ifndef REALTIME_SERVER_H
#define REALTIME_SERVER_H

#include "access/auth.h"
#include "access/settings.h"
#include "core/loop.h"
#include "data/dba.h"
#include "data/positions.h"

struct hub;
struct feed;
struct states;
struct metrics;
struct http;
struct conn;
struct limits;
struct leases;
struct session_watch;
struct due;
struct maintain;
struct dbloop;
struct snapshot_read;
struct wheel;
struct ws_shared;
struct eio_shared;
struct tables_shared;

struct server {
    struct loop *loop;
    const struct settings *settings;
    struct auth *auth;
    struct positions *page;
    struct hub *hub;          /* core/hub */
    struct feed *feed;        /* core/feed: LISTEN, ring, replay; its own database connection */
    struct states *states;    /* core/states: stats, metrics, availability; its own connection */
    struct session_watch *sessions; /* core/sessions: revocations and role changes, page, closing */
    struct due *due;          /* core/due: what happens by itself, a database-driven timer */
    struct maintain *maintain; /* core/maintain: partitions of the event table */
    struct snapshot_read *snapshots; /* proto/channels: reads under way, shared by all who ask alike */
    struct dba *actions;      /* pool for actions and snapshots */
    struct metrics *metrics;  /* core/metrics */
    struct limits *limits;    /* core/limits: connections an account, venue, address */
    struct leases *leases;    /* core/leases: caps over all sidecars */
    struct http *http;        /* link/http: MHD front */
    int listener;             /* the socket that connections come to; 0: http_start opens it */
    struct ws_shared *ws;     /* link/ws: codecs, zlib streams and buffers of all WebSockets */
    struct tables_shared *tables; /* proto/tables: the flush clocks of the floor plans */
    struct eio_shared *eio;   /* link/engineio: the sessions by their ids */
    struct wheel *wheel;      /* core/wheel: what each connection waits for, to 50 ms */
    struct conn *conns;       /* all of them */
    unsigned nconns;
    struct conn **slots;      /* by the low bits of their ids (conn.c) */
    unsigned nslots, free_slot;
    struct conn *dirty, **dirty_end; /* to be flushed at the end of the turn, in order */
    struct turn_hook flush_hook;
    uint64_t next_conn_id;
    bool draining;
    bool succeeded; /* while draining: another process takes the new ones */
    struct timer drain; /* server.c */
    uint64_t drain_begun;
};

/* Loop, connections, limits, metrics and the WebSocket link; `s` is zeroed. Ignores SIGPIPE and raises
 * the limit of open files to what is allowed. */
void server_init(struct server *s, const struct settings *set);
/* After loop_run and http_stop: kills what is left and frees what server_init made. */
void server_free(struct server *s);
/* Takes no more connections, closes all with 1012 spread over drain_seconds, then stops the loop; asked
 * again, it stops at once. `succeeded`: what was connected before is served until then. */
void server_drain(struct server *s, bool succeeded);

#endif
