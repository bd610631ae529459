/* sidecar.c - the server and its clients. See sidecar.h. Called by realtime.c. */
#include "config.h"

#include "sidecar.h"

#include "guard.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/conn.h"
#include "core/feed_inner.h"
#include "core/hub.h"
#include "core/leases.h"
#include "core/sessions.h"
#include "endpoints.h"
#include "proto/tables.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VENUE 1
#define EPOCH "0badcafe"
#define HOUR  3600

struct server server;
static struct settings settings;
static struct dbloop *actions;
static struct turn_hook stopper;
static int silent = -1; /* listens as PostgreSQL would, and says nothing */
static int64_t seq;
static PGresult *result;
static int fds[LOT];
static unsigned nfds;

/* ------------------------------------------------------------------ the server */

static void silent_open(void) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/.s.PGSQL.5432", guard_folder());
    silent = socket(AF_UNIX, SOCK_STREAM, 0);
    require(bind(silent, (struct sockaddr *)&at, sizeof at) == 0 && listen(silent, 8) == 0);
}

static char *in_folder(const char *form) {
    char text[160];
    snprintf(text, sizeof text, form, guard_folder());
    return x_strdup(text);
}

static void set(char **row, char *text) {
    x_free(*row);
    *row = text;
}

static void settings_make(void) {
    struct err e;
    require(config_load(settings_rows, &settings, NULL, &e));
    set(&settings.database, in_folder("host=%s port=5432 dbname=none"));
    set(&settings.key_dir, in_folder("%s"));
    set(&settings.positions_file, in_folder("%s/positions"));
    settings.rt_port = 0;
    settings.feed_poll_ms = HOUR * 1000;
    settings.tables_gather_ms = settings.tables_flush_ms = 0;
    settings.max_per_account = settings.max_per_address = 10 * LOT;
}

/* The venue as the feed tells of it. */
static void venue_make(void) {
    const struct event_row row = {.venue = "1",
                                  .seq = "1",
                                  .at = "2026-11-20 17:31:05.123456+00",
                                  .area = "venue",
                                  .type = "venue.created",
                                  .entity = "1",
                                  .refs = "{}",
                                  .actor = "anna",
                                  .data = "{\"new\":{\"kind\":\"restaurant\",\"active\":true}}"};
    struct event *ev;
    struct err e;
    require(event_parse(&row, EPOCH, &ev, &e));
    sessions_event(server.sessions, ev);
    event_unref(ev);
    sidecar_sessions_read(server.sessions);
}

static void feed_make(void) {
    struct err e;
    server.feed = feed_start(&server, &e);
    require(server.feed);
    memcpy(server.feed->epoch, EPOCH, sizeof EPOCH);
    server.feed->up = server.feed->caught = true;
    seq = feed_venue_new(server.feed, VENUE, 1)->ring.last;
    hub_set_seq(server.hub, VENUE, seq);
}

static void stop(struct turn_hook *h) {
    (void)h;
    loop_stop(server.loop);
}

void sidecar_up(void) {
    static const struct dbloop_hooks none;
    struct err e;
    err_clear(&e);
    log_init("guard", LOG_ERROR);
    silent_open();
    settings_make();
    server_init(&server, &settings);
    struct auth_options keys = settings_auth(&settings);
    server.auth = auth_load(&keys, &e);
    server.page = positions_prepare(settings.positions_file, &e);
    require(server.auth && server.page && positions_place(server.page, &e));
    server.hub = hub_new();
    actions = dbloop_open(server.loop, &settings, "guard", NULL, &none);
    server.actions = dbloop_dba(actions);
    server.sessions = sessions_start(&server);
    server.leases = leases_start(&server);
    server.tables = tables_start(&server);
    feed_make();
    venue_make();
    server.http = http_start(&server, endpoints, &e);
    require(server.http && http_listen(server.http, &e));
    stopper.run = stop;
    loop_hook(server.loop, &stopper);
    conns_init(&server);
    sidecar_turns(2);
}

void sidecar_down(void) {
    http_stop(server.http);
    while (server.conns)
        conn_kill(server.conns);
    tables_stop(server.tables);
    feed_stop(server.feed);
    leases_stop(server.leases);
    server.leases = NULL;
    sessions_stop(server.sessions);
    dbloop_close(actions);
    server.actions = NULL;
    hub_free(server.hub);
    server.hub = NULL;
    positions_close(server.page);
    auth_free(server.auth);
    server_free(&server);
    settings_free(&settings);
    PQclear(result);
    close(silent);
}

void sidecar_turns(unsigned n) {
    guard_later(1); /* in all: the database's next attempt is never due */
    while (n--) {
        loop_wait_at_most(server.loop, 0);
        loop_run(server.loop);
    }
}

/* ------------------------------------------------------------------ tokens */

const char *sidecar_new_token(void) {
    static char *token;
    struct principal who = {.role = ROLE_ADMIN, .venue = VENUE, .account = 1};
    struct err e;
    strcpy(who.name, "anna");
    strcpy(who.slug, "bistro");
    who.exp = clock_wall_s() + 10 * HOUR;
    x_free(token);
    token = auth_sign(server.auth, &who, clock_wall_s(), &e);
    require(token);
    return token;
}

const char *sidecar_token(void) {
    static char token[1024];
    if (!*token)
        snprintf(token, sizeof token, "%s", sidecar_new_token());
    return token;
}

/* ------------------------------------------------------------------ rows and events */

static const char *const columns[] = {"venue",  "seq",  "at",    "area", "type",
                                      "entity", "refs", "actor", "data", "masked"};
#define COLUMNS (int)(sizeof columns / sizeof *columns)

/* As PostgreSQL wrote them; the seq is made. */
static const char *const rows[][COLUMNS] = {
    [ROW_TABLE] =
        {"1", NULL, "2026-11-20 17:31:05.123456+00", "tables", "table.updated", "5",
         "{\"floor\": 1, \"table\": 5}", "anna",
         "{\"new\": {\"id\": 5, \"name\": \"Corner window\", \"floor\": 1, \"notes\": null, "
         "\"number\": 5, \"status\": \"reserved\", \"section\": \"Window\", \"session\": null, "
         "\"version\": 3, \"capacity\": 2, \"isActive\": true, \"position\": {\"x\": 80, \"y\": "
         "80, "
         "\"shape\": \"round\", \"width\": 80, \"height\": 80, \"rotation\": 0}, \"updatedAt\": "
         "\"2026-11-26T14:01:22.353Z\", \"updatedBy\": \"anna\", \"minCapacity\": 1, "
         "\"tableNumber\": \"T-05\"}, \"old\": {\"status\": \"available\", \"version\": 2, "
         "\"updatedAt\": \"2026-11-26T14:01:17.980Z\"}}",
         NULL},
    [ROW_ORDER] =
        {"1", NULL, "2026-11-20 17:31:05.123456+00", "orders", "order.updated", "7",
         "{\"order\": 7, \"table\": 5}", "anna",
         "{\"new\": {\"id\": 7, \"order_number\": \"ORD-7\", \"restaurant_id\": 1, \"table_id\": "
         "5, "
         "\"table_number\": 5, \"session_id\": null, \"waiter_id\": null, \"customer_name\": "
         "\"Ada\", \"customer_phone\": null, \"order_status\": \"ready\", \"payment_status\": "
         "\"pending\", \"payment_method\": null, \"total_price\": 13, \"estimated_time\": 20, "
         "\"notes\": null, \"version\": 3, \"updated_by\": \"anna\", \"created_at\": "
         "\"2026-11-26T14:01:17.980Z\", \"updated_at\": \"2026-11-26T14:01:22.353Z\", \"items\": "
         "[{\"id\": 9, \"menu_item_id\": 31, \"name\": \"Leek soup\", \"quantity\": 2, "
         "\"unit_price\": 6.5, \"notes\": null, \"status\": \"placed\"}], \"payments\": []}, "
         "\"old\": {\"order_status\": \"preparing\", \"version\": 2}}",
         "{\"new\": {\"id\": 7}, \"old\": {}}"},
};

static void column_set(int column, const char *text) {
    char copy[2048];
    snprintf(copy, sizeof copy, "%s", text ? text : "");
    require(PQsetvalue(result, 0, column, text ? copy : NULL, text ? (int)strlen(copy) : -1));
}

static void result_begin(void) {
    PGresAttDesc about[COLUMNS];
    memset(about, 0, sizeof about);
    for (int i = 0; i < COLUMNS; i++)
        about[i].name = (char *)(uintptr_t)columns[i];
    PQclear(result);
    result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    require(result && PQsetResultAttrs(result, COLUMNS, about));
}

const struct dba_rows *sidecar_rows(enum sidecar_row kind) {
    static struct dba_rows out;
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, ++seq);
    result_begin();
    for (int i = 0; i < COLUMNS; i++)
        column_set(i, i == 1 ? number : rows[kind][i]);
    out = (struct dba_rows){.nrows = 1, .ncols = COLUMNS, .res = result};
    return &out;
}

struct event *sidecar_event(const struct dba_rows *of) {
    struct event *e = feed_row(server.feed, of, 0);
    require(e);
    return e;
}

void sidecar_publish(struct event *e) {
    ring_push(&feed_venue_find(server.feed, VENUE)->ring, e);
    hub_publish(server.hub, e);
    event_trim(e);
    event_unref(e);
}

const char *sidecar_cursor(void) {
    static char text[POSITION_MAX];
    struct position at;
    require(feed_position(server.feed, VENUE, &at));
    return position_format(&at, text);
}

/* ------------------------------------------------------------------ clients */

void lot_connect(unsigned n) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_port(server.http)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    require(n <= LOT);
    for (nfds = 0; nfds < n; nfds++) {
        fds[nfds] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        require(connect(fds[nfds], (struct sockaddr *)&to, sizeof to) == 0);
    }
}

void lot_say(const void *bytes, size_t len) {
    for (unsigned i = 0; i < nfds; i++)
        require(send(fds[i], bytes, len, MSG_NOSIGNAL) == (ssize_t)len);
}

/* The mask is zero, so the payload stands as it is. */
void lot_say_frame(const char *text) {
    unsigned char frame[1200] = {0x81, 0x80 | 126};
    size_t len = strlen(text), head = len < 126 ? 6 : 8;
    require(len + 8 <= sizeof frame);
    frame[1] = (unsigned char)(0x80 | (len < 126 ? len : 126));
    if (len >= 126) {
        frame[2] = (unsigned char)(len >> 8);
        frame[3] = (unsigned char)len;
    }
    memcpy(frame + head, text, len);
    lot_say(frame, head + len);
}

const char *lot_hear(void) {
    static char got[1 << 16];
    for (unsigned i = 0; i < nfds; i++) {
        ssize_t n = recv(fds[i], got, sizeof got - 1, MSG_DONTWAIT);
        require(n > 0);
        got[n] = '\0';
        for (char *nul; (nul = memchr(got, '\0', (size_t)n)) != NULL;)
            *nul = ' '; /* of a frame's length */
    }
    return got;
}

void lot_close(void) {
    while (nfds)
        close(fds[--nfds]);
    sidecar_turns(3);
    while (server.conns)
        conn_kill(server.conns);
    sidecar_turns(3);
}

void lot_subscribe(struct topic t) {
    for (struct conn *c = server.conns; c; c = c->next) {
        hub_subscribe(server.hub, c, t);
        while (c->holding)
            hub_release(c, seq);
    }
}
