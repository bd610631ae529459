/* server.h - what one sidecar process is made of: the parts, wired in main.c, nothing global. */
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
struct session_watch;

struct server {
    struct loop *loop;
    const struct settings *settings;
    struct auth *auth;
    struct positions *page;
    struct hub *hub;          /* core/hub */
    struct feed *feed;        /* core/feed: LISTEN, ring, replay; its own database connection */
    struct states *states;    /* core/states: stats, metrics, availability; its own connection */
    struct session_watch *sessions; /* core/sessions: revocations and role changes, page, closing */
    struct dba *actions;      /* pool for actions and snapshots */
    struct metrics *metrics;  /* core/metrics */
    struct limits *limits;    /* core/limits: connections an account, venue, address */
    struct http *http;        /* link/http: MHD front */
    struct conn *conns;       /* all of them */
    struct conn *dirty;       /* to be flushed at the end of the turn */
    uint64_t next_conn_id;
    bool draining;
};

#endif
