/* server.c - the only user of libfcgi: accepts requests on N threads, writes answers, stops.
 *
 * Owns the service, its keys and its page. Each worker owns one request structure, one database
 * connection and one arena, and shares nothing else. Signals are blocked in the workers and waited
 * for in main, because FCGX_Init installs handlers of its own (LIBRARIES section 4).
 */
#include "config.h"

#include "server.h"

#include "base/clock.h"
#include "dispatch.h"
#include "listen.h"
#include "programs.h"

#include <errno.h>
#include <fcgiapp.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARENA_BLOCK   (64 * 1024)
#define PAGE_RETRY_MS 1000
#define WAKE_MS       20
#define KEPT_IDLE_S   15

extern char **environ;

struct options {
    const char *config, *socket;
    int socket_mode;
};

struct server {
    struct service service;
    struct settings settings;
    struct str conninfo;
    int fd; /* listening */
    bool own_socket;
    atomic_bool stopping;
};

struct worker {
    struct server *server;
    pthread_t thread;
    struct exchange x;
    struct str head;
};

/* --- what all threads share --------------------------------------------------------------- */

struct positions *service_page(struct service *s) {
    struct positions *page = atomic_load_explicit(&s->page, memory_order_acquire);
    if (page)
        return page;
    unsigned long long last = atomic_load(&s->page_tried), now = clock_mono_ms();
    if (now - last < PAGE_RETRY_MS || !atomic_compare_exchange_strong(&s->page_tried, &last, now))
        return NULL;
    page = positions_open(s->settings->positions_file);
    atomic_store_explicit(&s->page, page, memory_order_release);
    return page;
}

static const struct op **ops_resolve(const struct route *routes) {
    size_t n = 0;
    while (routes[n].method)
        n++;
    const struct op **ops = x_alloc((n + 1) * sizeof *ops);
    for (size_t i = 0; i < n; i++) {
        ops[i] = routes[i].op ? op_find(routes[i].op) : routes[i].form;
        require(ops[i]);
    }
    return ops;
}

/* What SIGHUP changes, beside the keys. */
static void settings_take(struct service *s, const struct settings *from) {
    atomic_store(&s->log_level, (int)settings_log_level(from));
    log_set_level(settings_log_level(from));
    atomic_store(&s->per_account, from->requests_per_second_account);
    atomic_store(&s->per_address, from->requests_per_second_address);
}

/* Beside the page, where all programs find it. */
static struct limit *limit_beside(const char *page) {
    struct str path = STR_INIT;
    str_printf(&path, "%s.limits", page);
    struct limit *l = limit_open(str_c(&path));
    str_free(&path);
    return l;
}

/* A CGI program answers once: it has nobody to keep an answer for. */
static bool service_start(struct server *sv, const char *name, const struct route *routes, bool cgi,
                          struct err *e) {
    struct service *s = &sv->service;
    struct auth_options keys = settings_auth(&sv->settings);
    s->name = name;
    s->settings = &sv->settings;
    s->routes = routes;
    s->ops = ops_resolve(routes);
    s->auth = auth_load(&keys, e);
    if (!s->auth)
        return false;
    pthread_rwlock_init(&s->keys, NULL);
    atomic_init(&s->page, positions_open(sv->settings.positions_file));
    atomic_init(&s->page_tried, clock_mono_ms());
    s->limit = limit_beside(sv->settings.positions_file);
    settings_conninfo(&sv->settings, sv->settings.rest_role, name, &sv->conninfo);
    if (!cgi && sv->settings.answer_cache_bytes > 0)
        s->answers = answers_new((size_t)sv->settings.answer_cache_bytes,
                                 (size_t)sv->settings.answer_cache_entries);
    return true;
}

static void service_stop(struct server *sv) {
    positions_close(atomic_load(&sv->service.page));
    auth_free(sv->service.auth);
    pthread_rwlock_destroy(&sv->service.keys);
    x_free(sv->service.ops);
    answers_free(sv->service.answers);
    limit_close(sv->service.limit);
    str_free(&sv->conninfo);
    settings_free(&sv->settings);
}

/* SIGHUP: new keys, limits and log level; when the new ones can't be read the old ones stay. */
static void service_reload(struct server *sv, const char *file) {
    struct settings fresh;
    struct err e = {0};
    if (!settings_load(&fresh, file, &e)) {
        log_event(LOG_ERROR, "reload refused", "reason", e.detail, NULL);
        return;
    }
    struct auth_options keys = settings_auth(&sv->settings);
    struct auth *auth = auth_load(&keys, &e);
    if (auth) {
        pthread_rwlock_wrlock(&sv->service.keys);
        struct auth *old = sv->service.auth;
        sv->service.auth = auth;
        pthread_rwlock_unlock(&sv->service.keys);
        auth_free(old);
        settings_take(&sv->service, &fresh);
    }
    log_event(auth ? LOG_INFO : LOG_ERROR, auth ? "reloaded" : "reload refused", "reason", e.detail,
              NULL);
    settings_free(&fresh);
}

/* --- one request at a time ---------------------------------------------------------------- */

static void worker_init(struct worker *w, struct server *sv) {
    memset(w, 0, sizeof *w);
    w->server = sv;
    w->x.service = &sv->service;
    w->x.db = db_open(sv->conninfo.p);
    w->x.arena = arena_new(ARENA_BLOCK);
}

static void worker_free(struct worker *w) {
    db_close(w->x.db);
    arena_free(w->x.arena);
    response_free(&w->x.rs);
    str_free(&w->head);
    str_free(&w->x.subject);
}

/* What HEAD leaves out is the body alone (RFC 9110 section 9.3.2). */
static size_t body_length(const struct exchange *x) {
    return x->rq.head ? 0 : x->rs.body_len;
}

/* A sender has its thread for so long, however small the pieces are that keep coming. */
struct source {
    FCGX_Request *request;
    uint64_t until_ms; /* clock_mono_ms */
    long long left;    /* CGI: bytes of the body */
};

static uint64_t source_until(const struct server *sv) {
    return clock_mono_ms() + (uint64_t)sv->settings.body_timeout_s * 1000;
}

static uint64_t source_left(const struct source *s) {
    uint64_t now = clock_mono_ms();
    return s->until_ms > now ? s->until_ms - now : 0;
}

/* What the library has in its buffer is taken without a look at the clock, but no more than that:
 * it would wait until `cap` bytes are there. The rest of what came with the next byte follows it. */
static long fastcgi_read(void *ctx, char *buf, size_t cap) {
    struct source *s = ctx;
    FCGX_Stream *in = s->request->in;
    if (in->rdNext == in->stop) {
        uint64_t ms = source_left(s);
        struct timeval wait = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
        if (ms == 0)
            return READ_LATE;
        setsockopt(s->request->ipcFd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        int c = FCGX_GetChar(in);
        if (c == EOF)
            return !FCGX_GetError(in) ? 0 : source_left(s) ? READ_GONE : READ_LATE;
        FCGX_UnGetChar(c, in);
    }
    size_t ready = (size_t)(in->stop - in->rdNext);
    return FCGX_GetStr(buf, (int)(ready < cap ? ready : cap), in);
}

/* Closing politely (shutdown, then reading to the peer's end, as the library does) is for a peer that
 * may still be sending: whoever has sent all is let go at once, three system calls earlier. The
 * end of a request is in the library's buffer mostly; Apache sends it right behind. */
static void let_go(FCGX_Request *request) {
    if (FCGX_GetChar(request->in) == EOF && !FCGX_GetError(request->in))
        FCGX_Detach(request);
    else
        FCGX_Attach(request);
}

static void fastcgi_serve(struct worker *w, FCGX_Request *request) {
    struct source s = {.request = request, .until_ms = source_until(w->server)};
    dispatch(&w->x, request->envp, fastcgi_read, &s);
    let_go(request);
    str_clear(&w->head);
    response_head(&w->x.rs, &w->head);
    FCGX_PutStr(w->head.p, (int)w->head.len, request->out);
    if (body_length(&w->x))
        FCGX_PutStr(w->x.rs.body, (int)w->x.rs.body_len, request->out);
    FCGX_Finish_r(request);
    dispatch_done(&w->x);
}

/* A connection that the web server keeps pins this thread (LIBRARIES section 4): it is given up
 * when nothing comes for a while, and, being a descriptor with a receive timeout, at SIGUSR2. */
static void keep_briefly(const FCGX_Request *request) {
    struct timeval idle = {KEPT_IDLE_S, 0};
    if (request->keepConnection)
        setsockopt(request->ipcFd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
}

static void *worker_run(void *arg) {
    struct worker *w = arg;
    FCGX_Request request;
    if (FCGX_InitRequest(&request, w->server->fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        return NULL;
    for (;;) {
        bool stopping = atomic_load(&w->server->stopping);
        if (stopping && !w->server->own_socket)
            break; /* who waits in line is the successor's */
        int rc = FCGX_Accept_r(&request);
        if (rc == 0) {
            keep_briefly(&request);
            fastcgi_serve(w, &request);
        } else if (stopping)
            break;
        else if (rc != -EINTR && rc != -EAGAIN)
            usleep(10 * 1000); /* out of descriptors, most likely: don't spin */
    }
    FCGX_Free(&request, 1);
    return NULL;
}

/* --- FastCGI ------------------------------------------------------------------------------ */

static void wake_up(int signal) {
    (void)signal;
}

/* Reads go on after SIGUSR2 (SA_RESTART), a waiting accept does not: a descriptor with a receive
 * timeout is never restarted (signal(7)). So a request that is being read is not cut off, and the
 * socket, which may be shared with a successor, need not be shut down. */
static void wake_prepare(int fd) {
    struct sigaction act = {.sa_handler = wake_up, .sa_flags = SA_RESTART};
    struct timeval hour = {3600, 0};
    sigaction(SIGUSR2, &act, NULL);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof hour);
}

static void workers_join(struct worker *workers, long n) {
    for (long i = 0; i < n; i++) {
        struct timespec until;
        do {
            pthread_kill(workers[i].thread, SIGUSR2);
            clock_gettime(CLOCK_REALTIME, &until);
            until.tv_nsec += WAKE_MS * 1000000L;
            until.tv_sec += until.tv_nsec / 1000000000L;
            until.tv_nsec %= 1000000000L;
        } while (pthread_timedjoin_np(workers[i].thread, NULL, &until) == ETIMEDOUT);
        worker_free(&workers[i]);
    }
}

static void signals_block(sigset_t *set) {
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, 0};
    sigemptyset(set);
    for (const int *s = numbers; *s; s++)
        sigaddset(set, *s);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int fastcgi_run(struct server *sv, const struct options *o) {
    long n = sv->settings.threads;
    struct worker *workers = x_alloc((size_t)n * sizeof *workers);
    sigset_t set;
    int sig;
    signals_block(&set);
    FCGX_Init();
    wake_prepare(sv->fd);
    for (long i = 0; i < n; i++) {
        worker_init(&workers[i], sv);
        require(pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]) == 0);
    }
    log_fmt(LOG_INFO, "ready", "threads", "%ld", n);
    while (sigwait(&set, &sig) == 0 && sig == SIGHUP)
        service_reload(sv, o->config);
    if (o->socket)
        listen_retire(sv->fd, o->socket);
    atomic_store(&sv->stopping, true);
    workers_join(workers, n);
    x_free(workers);
    close(sv->fd);
    log_event(LOG_INFO, "stopped", NULL);
    return 0;
}

/* --- plain CGI (RFC 3875) ----------------------------------------------------------------- */

/* Section 4.2: never past CONTENT_LENGTH, there may be no end of file. But Apache passes a chunked
 * body on without a length, and then ends it. */
#define TO_THE_END LLONG_MAX

static long long cgi_length(void) {
    const char *length = getenv("CONTENT_LENGTH");
    long long n = 0;
    if (!length || !*length)
        return getenv("HTTP_TRANSFER_ENCODING") ? TO_THE_END : 0;
    return str_to_int64(length, &n) ? n : 0;
}

static long cgi_read(void *ctx, char *buf, size_t cap) {
    struct source *s = ctx;
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    if (s->left <= 0)
        return 0;
    if (poll(&in, 1, (int)source_left(s)) == 0)
        return READ_LATE;
    ssize_t n = read(STDIN_FILENO, buf, (long long)cap < s->left ? cap : (size_t)s->left);
    if (n <= 0)
        return n == 0 && s->left == TO_THE_END ? 0 : READ_GONE;
    if (s->left != TO_THE_END)
        s->left -= n;
    return n;
}

static int cgi_run(struct server *sv) {
    struct worker w;
    struct source s = {.until_ms = source_until(sv), .left = cgi_length()};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_DFL); /* FCGX_IsCGI has installed a handler that ends nothing */
    worker_init(&w, sv);
    dispatch(&w.x, environ, cgi_read, &s);
    response_head(&w.x.rs, &w.head);
    fwrite(w.head.p, 1, w.head.len, stdout);
    fwrite(w.x.rs.body ? w.x.rs.body : "", 1, body_length(&w.x), stdout);
    int status = fflush(stdout) == 0 ? 0 : 1;
    dispatch_done(&w.x);
    worker_free(&w);
    return status;
}

/* --- main --------------------------------------------------------------------------------- */

static void usage(const char *name) {
    printf("Usage: %s [--config FILE] [--socket PATH [--socket-mode OCTAL]]\n\n"
           "Serves FastCGI on PATH, or on the socket that is its standard input; started by a web\n"
           "server as a CGI program it answers one request (its configuration is then named by\n"
           "MAITRED_CONFIG alone). SIGHUP reloads keys, limits and log level. --routes: prints what it\n"
           "serves, one \"METHOD PATH OPERATION\" a line.\n\n"
           "Settings (file, or MAITRED_KEY in the environment):\n",
           name);
    config_help(settings_rows, false);
}

static void routes_print(const struct route *row) {
    for (; row->method; row++)
        printf("%s %s %s\n", row->method, row->path, row->op ? row->op : row->form->name);
}

/* 0: go on; else what main returns, plus one. */
static int options_read(int argc, char **argv, const char *name, const struct route *routes,
                        struct options *o) {
    static const struct option table[] = {{"config", required_argument, NULL, 'c'},
                                          {"socket", required_argument, NULL, 's'},
                                          {"socket-mode", required_argument, NULL, 'm'},
                                          {"routes", no_argument, NULL, 'r'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        if (c == 'c')
            o->config = optarg;
        else if (c == 's')
            o->socket = optarg;
        else if (c == 'm')
            o->socket_mode = (int)strtol(optarg, NULL, 8);
        else if (c == 'r')
            return routes_print(routes), 1;
        else if (c == 'h')
            return usage(name), 1;
        else
            return 3;
    }
    return 0;
}

static int complain(const char *what, const char *reason) {
    log_event(LOG_ERROR, what, "reason", reason, NULL);
    return 1;
}

static int serve(struct server *sv, const struct options *o, const char *name,
                 const struct route *routes) {
    struct err e = {0};
    bool cgi = !o->socket && FCGX_IsCGI();
    if (cgi && !getenv("REQUEST_METHOD"))
        return complain("no socket",
                        "give --socket PATH, a socket on standard input, or a request");
    if (!service_start(sv, name, routes, cgi, &e))
        return complain("can't start", e.detail);
    sv->own_socket = o->socket != NULL;
    sv->fd = o->socket ? listen_open(o->socket, o->socket_mode, &e) : STDIN_FILENO;
    int status = sv->fd < 0 ? complain("can't listen", e.detail)
                 : cgi      ? cgi_run(sv)
                            : fastcgi_run(sv, o);
    service_stop(sv);
    return status;
}

int server_main(int argc, char **argv, const char *program) {
    static struct server server;
    const struct program *row = program_find(program);
    require(row);
    char name[64];
    snprintf(name, sizeof name, "maitred-%s", row->name);
    struct options o = {.socket_mode = 0660};
    struct err e = {0};
    /* RFC 3875 section 4.4: a web server may make a CGI program's command line from the query. */
    int done = getenv("REQUEST_METHOD") ? 0 : options_read(argc, argv, name, row->routes, &o);
    if (done)
        return done - 1;
    log_init(name, LOG_INFO);
    if (!settings_load(&server.settings, o.config, &e))
        return complain("bad settings", e.detail);
    settings_take(&server.service, &server.settings);
    return serve(&server, &o, name, row->routes);
}
