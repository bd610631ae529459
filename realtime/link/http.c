/* http.c - the daemon: runs MHD inside our loop, routes over the endpoints table, answers.
 *
 * Called by main.c (start, quiesce, stop) and by the loop (MHD's epoll is readable, a turn ends). Owns
 * the daemon and, per accepted connection, the deadline of its request: MHD's own timeout
 * begins anew with every byte, so a client that drips them would never meet it.
 */
#include "config.h"

#include "link/http_inner.h"

#include "base/log.h"
#include "core/limits.h"
#include "core/metrics.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define POOL_BYTES   16384 /* of one request: its head must fit */
#define BACKLOG      4096
#define SPARE_CONNS  256 /* HTTP requests beside the long-lived connections */
#define RETRY_DRAIN  2

/* One accepted connection, while its request is awaited, body and all. */
struct front {
    struct timer timer;
    struct http *http;
    char *target;   /* of the request, as it came */
    uint64_t begun; /* bytes of the connection before it */
    bool unsure;    /* there were more: chunks have heads of their own */
    int fd;
};

void http_run_soon(struct http *h) {
    h->armed = true;
    loop_wait_at_most(h->server->loop, 0);
}

/* answers */

static void log_answer(const struct request *r, int status) {
    char code[8];
    snprintf(code, sizeof code, "%d", status);
    log_event(status >= 500 ? LOG_WARN : status >= 400 ? LOG_INFO : LOG_DEBUG, "request", "request",
              r->id, "method", r->method, "path", r->path, "status", code, "address", r->address,
              NULL);
}

static void body_free(void *body) {
    x_free(body);
}

struct MHD_Response *http_response(const char *type, struct str *body) {
    size_t len = body->len;
    struct MHD_Response *res =
        MHD_create_response_from_buffer_with_free_callback(len, str_steal(body), body_free);
    require(res);
    MHD_add_response_header(res, "Content-Type", type);
    MHD_add_response_header(res, "Cache-Control", "no-store");
    return res;
}

void http_response_put(void *res, const char *name, const char *value) {
    MHD_add_response_header(res, name, value);
}

enum MHD_Result http_respond(struct request *r, int status, struct MHD_Response *res) {
    MHD_add_response_header(res, "X-Request-Id", r->id);
    if (r->http->server->draining)
        MHD_add_response_header(res, "Connection", "close");
    cors_headers(r, http_response_put, res);
    enum MHD_Result queued = MHD_queue_response(r->mhd, (unsigned)status, res);
    MHD_destroy_response(res);
    log_answer(r, status);
    return queued;
}

/* The methods of every row with this path, for Allow (RFC 9110 section 15.5.6). */
static bool path_matches(const char *pattern, const char *path, char *segment, size_t cap);

static void allow_add(const struct request *r, struct MHD_Response *res) {
    char allow[128] = "", segment[64];
    for (const struct endpoint *ep = r->http->table; ep->path; ep++) {
        const char *methods = *ep->method == '*' ? ep->way->methods : ep->method;
        if (!path_matches(ep->path, r->path, segment, sizeof segment) ||
            handshake_has(allow, methods))
            continue;
        size_t n = strlen(allow);
        snprintf(allow + n, sizeof allow - n, "%s%s%s", n ? ", " : "", methods,
                 !strcmp(ep->method, "GET") && !ep->proto ? ", HEAD" : "");
    }
    MHD_add_response_header(res, "Allow", allow);
}

static void refusal_headers(const struct request *r, const struct err *e,
                            struct MHD_Response *res) {
    char seconds[16];
    if (e->code == ERR_METHOD_NOT_ALLOWED)
        allow_add(r, res);
    if (e->http == 401)
        MHD_add_response_header(res, "WWW-Authenticate", "Bearer");
    if (e->http == 426) { /* RFC 6455 section 4.4 */
        MHD_add_response_header(res, "Upgrade", "websocket");
        MHD_add_response_header(res, "Sec-WebSocket-Version", "13");
    }
    if (e->retry_after) {
        snprintf(seconds, sizeof seconds, "%d", e->retry_after);
        MHD_add_response_header(res, "Retry-After", seconds);
    }
}

enum MHD_Result http_refuse(struct request *r, const struct err *e) {
    struct str body = STR_INIT;
    err_problem(e, r->id, &body);
    metric_add(r->http->server->metrics, METRIC_REFUSED, 1);
    struct MHD_Response *res = http_response("application/problem+json", &body);
    refusal_headers(r, e, res);
    return http_respond(r, e->http, res);
}

static enum MHD_Result plain_answer(struct request *r) {
    struct str body = STR_INIT;
    const char *type = "application/json";
    int status = 200;
    r->ep->plain(r->http->server, r, &body, &status, &type);
    str_put(&body, "", 0);
    return http_respond(r, status, http_response(type, &body));
}

static enum MHD_Result ready_answer(struct request *r) {
    const char *type = r->ready_type ? r->ready_type : "application/json";
    return http_respond(r, 200, http_response(type, &r->ready));
}

static enum MHD_Result preflight_answer(struct request *r) {
    struct MHD_Response *res = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    require(res);
    allow_add(r, res);
    cors_preflight_headers(r, res);
    return http_respond(r, 204, res);
}

/* routing */

static size_t unslashed(const char *path) {
    size_t n = strlen(path);
    return n > 1 && path[n - 1] == '/' ? n - 1 : n;
}

static bool path_matches(const char *pattern, const char *path, char *segment, size_t cap) {
    size_t plen = unslashed(pattern), len = unslashed(path);
    const char *hole = strstr(pattern, "{id}");
    *segment = '\0';
    if (!hole)
        return plen == len && memcmp(pattern, path, len) == 0;
    size_t before = (size_t)(hole - pattern), after = plen - before - 4;
    if (len <= before + after || memcmp(pattern, path, before) != 0 ||
        memcmp(hole + 4, path + len - after, after) != 0)
        return false;
    size_t n = len - before - after;
    if (n >= cap || memchr(path + before, '/', n))
        return false;
    memcpy(segment, path + before, n);
    segment[n] = '\0';
    return true;
}

static bool route(struct request *r, struct err *e) {
    bool path_known = false;
    for (const struct endpoint *ep = r->http->table; ep->path; ep++) {
        if (!path_matches(ep->path, r->path, r->segment, sizeof r->segment))
            continue;
        path_known = true;
        bool head = !ep->proto && !strcmp(r->method, "HEAD") && !strcmp(ep->method, "GET");
        r->preflight = ep->way && !ep->way->upgrade && !strcmp(r->method, "OPTIONS");
        if (head || r->preflight || *ep->method == '*' || !strcmp(ep->method, r->method)) {
            r->ep = ep;
            return true;
        }
    }
    if (path_known)
        return err_set(e, ERR_METHOD_NOT_ALLOWED, "%s is not allowed here", r->method);
    return err_set(e, ERR_NOT_FOUND, "There is nothing at this address");
}

bool http_draining(const struct request *r, struct err *e) {
    const struct server *s = r->http->server;
    if (!r->ep->proto || !s->draining || s->succeeded)
        return false;
    err_set(e, ERR_RESTART, "The service is restarting");
    e->retry_after = RETRY_DRAIN;
    return true;
}

static enum MHD_Result refuse(struct request *r, const struct err *e) {
    const struct way *way = r->ep->way;
    return way && way->refuse ? way->refuse(r, e) : http_refuse(r, e);
}

bool http_admitted(struct request *r, struct err *e) {
    struct server *s = r->http->server;
    const struct proto *proto = r->ep->proto;
    if (!proto) /* it is answered and gone */
        return true;
    if (proto->admit && !proto->admit(s, r, &r->who, e))
        return false;
    r->counted = limits_take(s->limits, &r->who, r->address, e);
    return r->counted;
}

/* Runs from its start again after a suspension: every step before it has no effect. */
static enum MHD_Result request_step(struct request *r) {
    struct err e;
    err_clear(&e);
    if (r->ready.len)
        return ready_answer(r);
    if (!r->ep && !route(r, &e))
        return http_refuse(r, &e);
    if (r->preflight)
        return preflight_answer(r);
    const struct way *way = r->ep->way;
    if (way && way->serve)
        return way->serve(r);
    if (http_draining(r, &e) || (way && way->check && !way->check(r, &e)))
        return refuse(r, &e);
    if (r->ep->cap != CAP_PUBLIC) {
        enum auth_step step = auth_step(r, &e);
        if (step == AUTH_WAIT)
            return MHD_YES;
        if (step == AUTH_REFUSED)
            return refuse(r, &e);
    }
    if (!way)
        return plain_answer(r);
    return http_admitted(r, &e) ? way->answer(r) : refuse(r, &e);
}

/* MHD's callbacks */

static struct front *front_of(struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return i ? i->socket_context : NULL;
}

static void head_awaited(struct front *f) {
    struct server *s = f->http->server;
    loop_timer(s->loop, &f->timer,
               loop_now(s->loop) + (uint64_t)s->settings->handshake_timeout_ms);
}

static void on_head_late(struct timer *t) {
    struct front *f = container_of(t, struct front, timer);
    shutdown(f->fd, SHUT_RDWR); /* MHD sees the end and closes */
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what) {
    struct http *h = cls;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        struct front *f = x_new(struct front);
        f->http = h;
        f->timer.fire = on_head_late;
        f->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        f->begun = http_begun(h, f->fd);
        head_awaited(f);
        *context = f;
    } else if (*context) {
        struct front *f = *context;
        loop_timer_off(h->server->loop, &f->timer);
        x_free(f->target);
        x_free(f);
        *context = NULL;
    }
}

/* What MHD tells of it later has been decoded. NULL: our state of the request is made by on_request. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd) {
    (void)cls;
    struct front *f = front_of(mhd);
    x_free(f->target);
    f->target = x_strdup(target);
    return NULL;
}

/* Where it goes decides whether it is kept. */
static enum MHD_Result body_take(struct request *r, const char *data, size_t len) {
    struct err e;
    err_clear(&e);
    bool known = r->ep || route(r, &e);
    size_t most =
        known && r->ep->way && r->ep->way->body_max ? r->ep->way->body_max(r->http->server->settings) : 0;
    r->body += len;
    if (r->body <= most)
        str_put(&r->text, data, len);
    return r->body > most + BODY_MAX ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_len, void **context) {
    struct http *h = cls;
    struct request *r = *context;
    if (!r) {
        *context = r = request_new(h, mhd, url, method, version);
        r->target = front_of(mhd)->target;
        r->begun = front_of(mhd)->begun;
        r->chunked = front_of(mhd)->unsure || request_header(r, "Transfer-Encoding");
        r->head_len =
            MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
        return MHD_YES;
    }
    if (*data_len) {
        enum MHD_Result taken = body_take(r, data, *data_len);
        *data_len = 0;
        return taken;
    }
    loop_timer_off(h->server->loop, &front_of(mhd)->timer);
    return h->stopping ? MHD_NO : request_step(r);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode why) {
    (void)why;
    struct http *h = cls;
    struct request *r = *context;
    if (!r)
        return;
    *context = NULL;
    if (r->counted)
        limits_give(h->server->limits, &r->who, r->address);
    struct front *f = front_of(mhd);
    if (f && !r->handed_over) { /* the next one on a kept connection */
        f->begun += r->head_len + r->body;
        f->unsure = f->unsure || r->chunked;
        head_awaited(f);
    }
    request_free(r);
}

/* Only the form: the arguments may hold what the client sent. */
static void on_mhd_log(void *cls, const char *form, va_list ap) {
    (void)cls;
    (void)ap;
    log_event(LOG_DEBUG, "microhttpd", "form", form, NULL);
}

/* the loop */

static void on_mhd_ready(struct watch *w, uint32_t events) {
    (void)events;
    container_of(w, struct http, watch)->armed = true;
}

static void on_turn(struct turn_hook *hook) {
    struct http *h = container_of(hook, struct http, hook);
    if (!h->daemon)
        return;
    uint64_t now = loop_now(h->server->loop);
    if (h->armed || now >= h->due) {
        h->armed = false;
        MHD_run(h->daemon);
    }
    MHD_UNSIGNED_LONG_LONG ms;
    h->due = MHD_get_timeout(h->daemon, &ms) == MHD_YES ? now + ms : UINT64_MAX;
    if (h->due != UINT64_MAX)
        loop_wait_at_most(h->server->loop, ms);
    if (h->armed)
        loop_wait_at_most(h->server->loop, 0);
}

/* start and stop */

static int listener_open(const struct settings *set, struct err *e) {
    char port[16];
    snprintf(port, sizeof port, "%ld", set->rt_port);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM},
                    *ai = NULL;
    if (getaddrinfo(set->rt_listen_address, port, &hints, &ai) != 0) {
        err_set(e, ERR_INTERNAL, "rt_listen_address is not an address");
        return -1;
    }
    int on = 1;
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool ok = fd >= 0 && bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
    freeaddrinfo(ai);
    if (ok)
        return fd;
    if (fd >= 0)
        close(fd);
    err_set(e, ERR_INTERNAL, "can't listen on %s port %s", set->rt_listen_address, port);
    return -1;
}

static unsigned port_of(int fd) {
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
        return 0;
    return ntohs(sa.ss_family == AF_INET6
                     ? ((struct sockaddr_in6 *)(void *)&sa)->sin6_port
                     : ((struct sockaddr_in *)(void *)&sa)->sin_port);
}

static struct MHD_Daemon *daemon_start(struct http *h, int fd) {
    const struct settings *set = h->server->settings;
    unsigned timeout = (unsigned)((set->handshake_timeout_ms + 999) / 1000);
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)set->max_connections + SPARE_CONNS,
        MHD_OPTION_CONNECTION_TIMEOUT, timeout, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

struct http *http_start(struct server *s, const struct endpoint *table, struct err *e) {
    int fd = s->listener ? s->listener : listener_open(s->settings, e);
    if (fd < 0)
        return NULL;
    s->listener = fd;
    struct http *h = x_new(struct http);
    h->server = s;
    h->table = table;
    h->port = port_of(fd);
    h->due = UINT64_MAX;
    h->hook.run = on_turn;
    loop_hook(s->loop, &h->hook);
    return h;
}

bool http_listen(struct http *h, struct err *e) {
    struct server *s = h->server;
    if (h->daemon)
        return true;
    h->daemon = daemon_start(h, s->listener);
    if (!h->daemon)
        return err_set(e, ERR_INTERNAL, "the HTTP front did not start");
    h->watch.fd = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    h->watch.ready = on_mhd_ready;
    loop_watch(s->loop, &h->watch, EPOLLIN);
    http_run_soon(h);
    return true;
}

unsigned http_port(const struct http *h) {
    return h->port;
}

void http_quiesce(struct http *h) {
    MHD_socket fd = h->daemon ? MHD_quiesce_daemon(h->daemon) : h->server->listener;
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
}

bool http_idle(const struct http *h) {
    return !h->daemon ||
           MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections ==
               0;
}

/* Suspended requests first: stopping a daemon that has one aborts the process (LIBRARIES section 1). */
void http_stop(struct http *h) {
    if (!h)
        return;
    h->stopping = true;
    while (h->parked)
        h->parked->left(h->parked);
    if (h->daemon) {
        MHD_run(h->daemon);
        loop_watch(h->server->loop, &h->watch, 0);
        MHD_stop_daemon(h->daemon);
        h->daemon = NULL;
    }
    str_free(&h->document);
    x_free(h);
}
