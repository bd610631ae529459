/* limits.c - one count a key: the account, the venue, the address. Called by link/http and conn.c;
 * owns the counts, and what leases.c says of the other sidecars'. The whole is a plain number. */
#include "config.h"

#include "core/limits.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

#define COUNTS  3
#define RETRY_S 2 /* when somebody may have gone */

/* As wide as it is so that it has no padding to hash. */
struct key {
    int64_t of, id;
    char address[48];
};

struct count {
    struct key key;
    unsigned n;
    uint64_t until; /* of the others': believed so long */
    UT_hash_handle hh;
};

struct limits {
    const struct settings *set;
    struct count *counts, *others;
    unsigned total;
};

/* One bound that a connection meets, unless it does not concern this one. */
struct bound {
    struct key key;
    bool met;
    long most;
    const char *of;
};

static void bounds_of(const struct limits *l, const struct principal *who, const char *address,
                      struct bound b[COUNTS]) {
    b[0] = (struct bound){{LIMIT_ACCOUNT, who->account, ""},
                          who->account != 0,
                          l->set->max_per_account,
                          "this account"};
    b[1] = (struct bound){
        {LIMIT_VENUE, who->venue, ""}, who->venue != 0, l->set->max_per_venue, "this venue"};
    b[2] = (struct bound){
        {LIMIT_ADDRESS, 0, ""}, *address != 0, l->set->max_per_address, "this address"};
    memcpy(b[2].key.address, address, strnlen(address, sizeof b[2].key.address - 1));
}

static struct count *count_find(struct count *of, const struct key *key) {
    struct count *c;
    HASH_FIND(hh, of, key, sizeof *key, c);
    return c;
}

static struct count *count_get(struct count **of, const struct key *key) {
    struct count *c = count_find(*of, key);
    if (!c) {
        c = x_new(struct count);
        c->key = *key;
        HASH_ADD(hh, *of, key, sizeof c->key, c);
    }
    return c;
}

static void count_free(struct count **of, struct count *c) {
    HASH_DEL(*of, c);
    x_free(c);
}

static void count_down(struct limits *l, const struct key *key) {
    struct count *c = count_find(l->counts, key);
    require(c && c->n);
    if (!--c->n)
        count_free(&l->counts, c);
}

/* ------------------------------------------------------------------ the other sidecars' */

static void others_forget(struct limits *l, uint64_t now) {
    struct count *c, *next;
    HASH_ITER(hh, l->others, c, next) {
        if (c->until <= now)
            count_free(&l->others, c);
    }
}

void limits_others(struct limits *l, enum limit of, const char *key, unsigned n, uint64_t until) {
    struct key k = {.of = of};
    long long id = 0;
    if (of == LIMIT_ADDRESS)
        snprintf(k.address, sizeof k.address, "%s", key);
    else if (str_to_int64(key, &id))
        k.id = id;
    others_forget(l, clock_mono_ms());
    struct count *c = count_get(&l->others, &k);
    c->n = n;
    c->until = until;
}

/* With it what is held elsewhere, where that is known to matter. */
static unsigned held(struct limits *l, const struct key *key) {
    const struct count *c = count_find(l->counts, key);
    const struct count *o = l->others ? count_find(l->others, key) : NULL;
    return (c ? c->n : 0) + (o && o->until > clock_mono_ms() ? o->n : 0);
}

const char *limits_text(const struct limits *l, char buf[LIMITS_TEXT_MAX]) {
    snprintf(buf, LIMITS_TEXT_MAX, "{%ld,%ld,%ld}", l->set->max_per_account, l->set->max_per_venue,
             l->set->max_per_address);
    return buf;
}

/* ------------------------------------------------------------------ this one's */

static bool full(struct err *e, const char *what, const char *of) {
    err_set(e, ERR_TOO_MANY_CONNECTIONS, "%s%s", what, of);
    e->retry_after = RETRY_S;
    return false;
}

bool limits_take(struct limits *l, const struct principal *who, const char *address,
                 struct err *e) {
    struct bound b[COUNTS];
    bounds_of(l, who, address, b);
    if ((long)l->total >= l->set->max_connections)
        return full(e, "The service holds as many as it may", "");
    for (int i = 0; i < COUNTS; i++)
        if (b[i].met && (long)held(l, &b[i].key) >= b[i].most)
            return full(e, "Too many connections of ", b[i].of);
    l->total++;
    for (int i = 0; i < COUNTS; i++)
        if (b[i].met)
            count_get(&l->counts, &b[i].key)->n++;
    return true;
}

void limits_give(struct limits *l, const struct principal *who, const char *address) {
    struct bound b[COUNTS];
    bounds_of(l, who, address, b);
    require(l->total);
    l->total--;
    for (int i = 0; i < COUNTS; i++)
        if (b[i].met)
            count_down(l, &b[i].key);
}

unsigned limits_total(const struct limits *l) {
    return l->total;
}

struct limits *limits_new(const struct settings *set) {
    struct limits *l = x_new(struct limits);
    l->set = set;
    return l;
}

void limits_free(struct limits *l) {
    if (!l)
        return;
    struct count *c, *next;
    HASH_ITER(hh, l->counts, c, next) count_free(&l->counts, c);
    others_forget(l, UINT64_MAX);
    x_free(l);
}
