/* http_poll.c - a long poll: a question, answered when there is something to say or its time is up.
 *
 * MHD reads the first question of a connection; then the socket is taken over (http_take). Pollers ask
 * the same again and again, byte for byte but for the position: such a question is known by comparing,
 * and the conn, still subscribed, goes on from the position that it has told. So one who keeps
 * asking costs little more than a WebSocket. Any other question gives the socket back to MHD, and the
 * conn is gone.
 *
 * What a poll hears and may hear is what a WebSocket hears. It is answered at the end of the turn in
 * which something was queued, with the cursor up to which it has heard everything; in the middle of a
 * snapshot it waits. A poll without a position has nothing to wait for but its figures. Whoever is
 * closed is answered with what there is: the next poll is told why.
 */
#include "config.h"

#include "link/http_inner.h"

#include "core/conn.h"
#include "core/metrics.h"
#include "link/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HALF_MS  500
#define AGAIN_MS 5000 /* so long it waits to be asked the same again */
#define HEAD_MAX 16384

enum poll_step {
    POLL_ASKED,     /* waits for something to say */
    POLL_ANSWERING, /* the answer is on its way */
    POLL_ANSWERED,  /* waits to be asked again */
};

struct poll {
    struct watch watch;
    struct conn *conn;
    struct http *http;
    enum poll_step step;
    bool first;          /* no position to go on from: what it waits for is its figures */
    bool keep;           /* the connection is for more than one question */
    bool deaf;           /* more came before the answer: read after it */
    uint64_t wait_ms;    /* as the client wishes */
    uint64_t due_ms;     /* asked: answered in any case; later: given up */
    struct str headers;  /* of every answer, all but its id and length */
    char id[65];         /* of the question; those after it, unless named by the client: ".2" and so on */
    bool named;
    unsigned nth;
    struct str answer;
    size_t sent;
    /* The question, around its position; empty: it can't be known again. */
    struct str before, after;
    char cursor[POSITION_MAX]; /* that the last answer told */
};

/* ------------------------------------------------------------------ the same question again */

/* Cuts the head at the position in its first line. */
static void question_keep(struct poll *p, const struct request *r) {
    struct str head = STR_INIT;
    if (request_head(r, &head)) {
        const char *end = strchr(head.p, '\r'), *at = strstr(head.p, "since=");
        if (at && at < end && (at[-1] == '?' || at[-1] == '&')) {
            const char *rest = at + strlen("since=");
            str_put(&p->before, head.p, (size_t)(rest - head.p));
            str_puts(&p->after, rest + strcspn(rest, "& "));
        }
    }
    str_free(&head);
}

static bool question_known(const struct poll *p, const char *head, size_t len) {
    size_t cursor = strlen(p->cursor);
    return len == p->before.len + cursor + p->after.len &&
           memcmp(head, p->before.p, p->before.len) == 0 &&
           memcmp(head + p->before.len, p->cursor, cursor) == 0 &&
           memcmp(head + p->before.len + cursor, p->after.p, p->after.len) == 0;
}

static void watch_set(struct conn *c) {
    struct poll *p = c->link_data;
    uint32_t more = p->step == POLL_ANSWERING ? EPOLLOUT : p->deaf ? 0 : EPOLLIN;
    loop_watch(c->server->loop, &p->watch, EPOLLRDHUP | more);
}

static void due_in(struct conn *c, uint64_t ms) {
    struct poll *p = c->link_data;
    p->due_ms = loop_now(c->server->loop) + ms;
    conn_wait(c, p->due_ms);
}

static void ask(struct conn *c) {
    struct poll *p = c->link_data;
    p->step = POLL_ASKED;
    c->blocked = false;
    due_in(c, p->wait_ms);
}

static void give_back(struct conn *c) {
    struct poll *p = c->link_data;
    loop_watch(c->server->loop, &p->watch, 0);
    http_give_back(p->http, p->watch.fd);
    p->watch.fd = -1;
    conn_kill(c);
}

static void asked_again(struct conn *c) {
    static char head[HEAD_MAX];
    struct poll *p = c->link_data;
    ssize_t n = recv(p->watch.fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        conn_kill(c);
    } else if (c->state == CONN_OPEN && question_known(p, head, (size_t)n) && conn_return(c)) {
        if (recv(p->watch.fd, head, (size_t)n, MSG_DONTWAIT | MSG_TRUNC) != n)
            conn_kill(c);
        ask(c);
        conn_mark_dirty(c); /* there may be something already */
    } else {
        give_back(c);
    }
}

/* ------------------------------------------------------------------ the answer */

static void id_put(struct poll *p, struct str *out) {
    str_puts(out, "X-Request-Id: ");
    str_puts(out, p->id);
    if (++p->nth > 1 && !p->named) {
        str_putc(out, '.');
        str_put_int(out, p->nth);
    }
    str_puts(out, "\r\n");
}

static void answer_make(struct conn *c) {
    struct poll *p = c->link_data;
    struct str *out = &p->answer;
    size_t length = sizeof "{\"cursor\":\"\",\"events\":[]}" - 1;
    c->proto->cursor(c, p->cursor);
    length += strlen(p->cursor) + (c->out.count ? c->out.count - 1 : 0);
    for (unsigned i = 0; i < c->out.count; i++)
        length += outq_at(&c->out, i)->len;
    str_put(out, p->headers.p, p->headers.len);
    if (p->keep && c->server->draining) {
        http_header_put(out, "Connection", "close");
        p->keep = false;
    }
    id_put(p, out);
    str_puts(out, "Content-Length: ");
    str_put_int(out, (long long)length);
    str_puts(out, "\r\n\r\n{\"cursor\":\"");
    str_puts(out, p->cursor);
    str_puts(out, "\",\"events\":[");
    for (unsigned i = 0; i < c->out.count; i++) {
        const struct frame *f = outq_at(&c->out, i);
        str_puts(out, i ? "," : "");
        str_put(out, f->text, f->len);
    }
    str_puts(out, "]}");
    while (c->out.count)
        outq_pop(&c->out);
}

static void answered(struct conn *c) {
    struct poll *p = c->link_data;
    str_free(&p->answer);
    p->sent = 0;
    p->first = p->deaf = false;
    p->step = POLL_ANSWERED;
    if (!p->keep) {
        shutdown(p->watch.fd, SHUT_WR);
        conn_kill(c);
        return;
    }
    if (!p->before.len || c->state != CONN_OPEN) {
        give_back(c);
        return;
    }
    conn_rest(c);
    due_in(c, AGAIN_MS);
    watch_set(c);
}

static uint64_t patience(const struct conn *c) {
    const struct settings *set = c->server->settings;
    return (uint64_t)(set->ping_interval_ms + set->ping_timeout_ms);
}

static void answer_write(struct conn *c) {
    struct poll *p = c->link_data;
    size_t left = p->answer.len - p->sent;
    ssize_t n = send(p->watch.fd, p->answer.p + p->sent, left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        conn_kill(c);
        return;
    }
    if (n > 0) {
        metric_add(c->server->metrics, METRIC_BYTES_OUT, (uint64_t)n);
        p->sent += (size_t)n;
    }
    if (p->sent == p->answer.len) {
        answered(c);
        return;
    }
    if (n > 0)
        due_in(c, patience(c));
    watch_set(c);
}

/* From now on what is queued waits for the client's next question. */
static void answer(struct conn *c) {
    struct poll *p = c->link_data;
    answer_make(c);
    p->step = POLL_ANSWERING;
    c->blocked = true;
    p->due_ms = loop_now(c->server->loop) + patience(c);
    answer_write(c);
}

/* Is there something to say that can be said now? */
static bool answerable(const struct conn *c, const struct poll *p) {
    if (c->state != CONN_OPEN)
        return true;
    if (c->holding) /* a long replay comes in parts */
        return c->replaying && c->out.bytes > (size_t)c->server->settings->queue_bytes / 2;
    if (c->awaiting)
        return false;
    return c->out.count || p->first;
}

/* ------------------------------------------------------------------ the link */

static void poll_flush(struct conn *c) {
    struct poll *p = c->link_data;
    if (p->step == POLL_ASKED && answerable(c, p))
        answer(c);
    else if (p->step == POLL_ANSWERED && c->state != CONN_OPEN)
        give_back(c);
}

static void poll_close(struct conn *c, int code, const char *reason) {
    (void)c, (void)code, (void)reason; /* conn_close marks it: poll_flush answers */
}

static uint64_t poll_tick(struct conn *c, uint64_t now) {
    struct poll *p = c->link_data;
    if (now < p->due_ms)
        return p->due_ms;
    if (p->step == POLL_ANSWERED)
        give_back(c);
    else if (p->step == POLL_ANSWERING)
        conn_kill(c);
    else if (!c->holding) /* half a snapshot would be none */
        answer(c);
    return now + HALF_MS;
}

static void poll_destroy(struct conn *c) {
    struct poll *p = c->link_data;
    loop_watch(c->server->loop, &p->watch, 0);
    if (p->watch.fd >= 0)
        close(p->watch.fd);
    str_free(&p->headers);
    str_free(&p->answer);
    str_free(&p->before);
    str_free(&p->after);
    x_free(p);
    c->link_data = NULL;
}

/* A half-closed client counts as gone: nothing that we serve so could be asked for any more. */
static void poll_ready(struct watch *w, uint32_t events) {
    struct poll *p = container_of(w, struct poll, watch);
    struct conn *c = p->conn;
    if (c->state == CONN_DEAD)
        return;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        conn_kill(c);
    } else if (p->step == POLL_ANSWERING) {
        answer_write(c);
    } else if (p->step == POLL_ANSWERED) {
        asked_again(c);
    } else {
        p->deaf = true;
        watch_set(c);
    }
}

static const struct link poll_link = {
    .name = "long poll",
    .brief = true,
    .flush = poll_flush,
    .close = poll_close,
    .tick = poll_tick,
    .destroy = poll_destroy,
};

/* ------------------------------------------------------------------ the first question */

static bool poll_check(struct request *r, struct err *e) {
    const char *text = request_query(r, "timeout");
    long long s;
    if (!str_to_int64(text ? text : POLL_WAIT_S, &s) || s < 0 || s > POLL_WAIT_MAX_S)
        return err_field(e, "timeout", "range", "seconds, 0 to %d", POLL_WAIT_MAX_S);
    r->wait_ms = s * 1000;
    return true;
}

static const struct header headers[] = {
    {"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {NULL, NULL}};

static struct poll *poll_new(const struct request *r, int fd) {
    struct poll *p = x_new(struct poll);
    p->watch = (struct watch){.fd = fd, .ready = poll_ready};
    p->http = r->http;
    p->first = !request_query(r, "since");
    p->wait_ms = (uint64_t)r->wait_ms;
    snprintf(p->id, sizeof p->id, "%s", r->id);
    p->named = str_eq(request_header(r, "X-Request-Id"), r->id);
    p->keep = request_keeps(r) && http_alone(r); /* what came too early is asked again */
    http_head_put(r, "200 OK", headers, &p->headers);
    if (p->keep)
        question_keep(p, r);
    else
        http_header_put(&p->headers, "Connection", "close");
    wire_options(fd);
    return p;
}

static enum MHD_Result poll_answer(struct request *r) {
    int fd = http_take(r);
    if (fd < 0)
        return MHD_NO;
    struct conn *c = conn_new(r->http->server, &poll_link, r->ep->proto, &r->who, r->address);
    struct poll *p = poll_new(r, fd);
    p->conn = c;
    c->link_data = p;
    ask(c);
    watch_set(c);
    c->proto->open(c, r);
    http_opened(r, c->id);
    conn_mark_dirty(c);
    return MHD_NO;
}

const struct way way_poll = {.check = poll_check, .answer = poll_answer};
