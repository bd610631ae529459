/* sim.c - the machinery of `maitred simulate`: the queue, chance, and calls of ops. See sim.h. */
#include "config.h"

#include "sim.h"
#include "base/clock.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct sim_item {
    int64_t at;
    uint64_t number;
    sim_step *step;
    void *what;
};

/* ---------------------------------------------------------------- the queue */

static bool before(const struct sim_item *a, const struct sim_item *b) {
    return a->at < b->at || (a->at == b->at && a->number < b->number);
}

static void swap(struct sim_item *a, struct sim_item *b) {
    struct sim_item kept = *a;
    *a = *b;
    *b = kept;
}

void sim_in(struct sim *s, int64_t seconds, sim_step *step, void *what) {
    if (s->len == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 64;
        s->queue = x_realloc(s->queue, s->cap * sizeof *s->queue);
    }
    struct sim_item *q = s->queue;
    size_t i = s->len++;
    q[i] = (struct sim_item){s->now + (seconds > 0 ? seconds : 0), s->number++, step, what};
    for (; i > 0 && before(&q[i], &q[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&q[i], &q[(i - 1) / 2]);
}

static struct sim_item take(struct sim *s) {
    struct sim_item *q = s->queue, first = q[0];
    q[0] = q[--s->len];
    for (size_t i = 0, least;; i = least) {
        least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < s->len; child++)
            if (before(&q[child], &q[least]))
                least = child;
        if (least == i)
            return first;
        swap(&q[i], &q[least]);
    }
}

bool sim_next(const struct sim *s, int64_t until, int64_t *at) {
    if (s->len == 0 || s->queue[0].at > until)
        return false;
    *at = s->queue[0].at;
    return true;
}

void sim_run_next(struct sim *s) {
    struct sim_item item = take(s);
    s->now = item.at;
    item.step(s, item.what);
}

/* ---------------------------------------------------------------- chance */

/* splitmix64: the same numbers for a seed on every machine. */
static uint64_t draw(struct sim *s) {
    uint64_t z = s->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int sim_below(struct sim *s, int n) {
    require(n > 0);
    return (int)(draw(s) % (uint64_t)n);
}

int sim_between(struct sim *s, int least, int most) {
    return least + sim_below(s, most - least + 1);
}

bool sim_chance(struct sim *s, int percent) {
    return sim_below(s, 100) < percent;
}

int64_t sim_gap(struct sim *s, int64_t mean) {
    double share = (double)(draw(s) >> 11) / 9007199254740992.0;
    return 1 + (int64_t)(-log1p(-share) * (double)mean);
}

const char *sim_guest_name(struct sim *s, char *buf, size_t cap) {
    static const char *const first[] = {"Ada",   "Bruno", "Clara", "Dmitri", "Elif",  "Farid",
                                        "Greta", "Hugo",  "Ines",  "Jonas",  "Keiko", "Luca",
                                        "Maya",  "Nadia", "Omar",  "Paula",  "Quinn", "Rosa"};
    static const char *const last[] = {
        "Almeida", "Berger", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haas",  "Ito",
        "Jensen",  "Kovac",  "Lindt", "Moreau", "Novak",   "Okafor",  "Petrov", "Rossi", "Sato"};
    const char *given = first[sim_below(s, 18)];
    snprintf(buf, cap, "%s %s", given, last[sim_below(s, 18)]);
    return buf;
}

/* ---------------------------------------------------------------- calls */

/* Where a post is empty, the next of the row does it. */
const struct principal *sim_staff(struct sim *s, enum post post) {
    static const enum post instead[] = {POST_MANAGER, POST_WAITER, POST_DESK};
    for (size_t i = 0; s->nstaff[post] == 0 && i < 3; i++)
        post = instead[i];
    require(s->nstaff[post] > 0);
    return &s->staff[post][sim_below(s, s->nstaff[post])];
}

struct principal sim_guest(const struct sim *s, int64_t session) {
    struct principal guest = {.role = ROLE_GUEST, .venue = s->venue, .session = session};
    snprintf(guest.name, sizeof guest.name, "guest");
    return guest;
}

static struct sim_call *call_of(struct sim *s, const char *op) {
    int i = 0;
    while (i < SIM_OPS_MAX - 1 && s->calls[i].op && !str_eq(s->calls[i].op, op))
        i++;
    s->calls[i].op = op;
    return &s->calls[i];
}

static bool bound(struct sim *s, const struct op *op, const char *text, struct op_values *values,
                  struct err *e) {
    struct json *body = json_parse(text, strlen(text), e);
    struct op_source src = {.body = body};
    bool good = body && op_bind(op, &src, true, s->mem, values, e);
    json_free(body);
    return good;
}

/* The work of one call; false: refused, away, or our own mistake. */
static bool attempt(struct sim *s, const struct principal *who, const struct op *op,
                    const char *text, struct err *e) {
    struct op_values values;
    struct answer answer;
    err_clear(e);
    arena_reset(s->mem);
    if (permission_grants(who->role, op->cap) == GRANT_NO)
        return err_set(e, ERR_FORBIDDEN, "%s: %s may not", op->name, role_name(who->role));
    if (!bound(s, op, text, &values, e) ||
        !db_call(s->db, op, who, &values, NULL, s->mem, &answer, e))
        return false;
    s->answer = json_parse(answer.body, answer.body_len, e);
    return s->answer != NULL;
}

/* A refusal of the venue's rules is life; whatever else goes wrong ends the simulation. */
static void judge(struct sim *s, const char *op, const struct err *e) {
    if (e->http == 404 || e->http == 409 || e->http == 429 || str_eq(e->slug, "unknown_item"))
        return;
    if (!s->failed && !s->stopped(s)) {
        err_set(s->e, ERR_INTERNAL, "%s: %s", op, *e->detail ? e->detail : e->slug);
        for (int i = 0; i < e->nfields && i < ERR_FIELDS_MAX; i++)
            s->e->fields[s->e->nfields++] = e->fields[i];
    }
    s->failed = true;
}

static void wait_a_moment(void) {
    nanosleep(&(struct timespec){.tv_nsec = 200 * 1000 * 1000}, NULL);
}

const struct json *sim_do(struct sim *s, const struct principal *who, const char *name,
                          const char *format, ...) {
    struct str text = STR_INIT;
    const struct op *op = op_find(name);
    struct err e;
    va_list ap;
    require(op != NULL);
    va_start(ap, format);
    str_vprintf(&text, format, ap);
    va_end(ap);
    json_free(s->answer);
    s->answer = NULL;
    bool good = !s->failed && attempt(s, who, op, str_c(&text), &e);
    while (!good && !s->failed && e.http == 503 && !s->stopped(s)) {
        wait_a_moment();
        good = attempt(s, who, op, str_c(&text), &e);
    }
    struct sim_call *call = call_of(s, op->name);
    if (good)
        call->done++;
    else
        call->refused++;
    if (!good && !s->failed)
        judge(s, op->name, &e);
    str_free(&text);
    return s->answer;
}

void sim_say(const struct sim *s, const char *format, ...) {
    va_list ap;
    if (s->cli->quiet)
        return;
    printf("%02d:%02d:%02d  ", (int)(s->now / 3600), (int)(s->now / 60 % 60), (int)(s->now % 60));
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

int64_t sim_int(const struct json *object, const char *key) {
    int64_t value = 0;
    return json_int(json_get(object, key), &value) ? value : 0;
}

const char *sim_text(const struct json *object, const char *key) {
    const char *text = json_string(json_get(object, key), NULL);
    return text ? text : "";
}

void sim_close(struct sim *s) {
    json_free(s->answer);
    x_free(s->queue);
    db_close(s->db);
    arena_free(s->mem);
}
