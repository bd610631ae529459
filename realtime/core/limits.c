/* limits.c - one count a key: the account, the venue, the address. Called by link/http and conn.c;
 * owns the counts. The whole is a plain number. */
#include "config.h"

#include "core/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#define KEY_MAX 56
#define COUNTS  3
#define RETRY_S 2 /* when somebody may have gone */

struct count {
    char key[KEY_MAX];
    unsigned n;
    UT_hash_handle hh;
};

struct limits {
    const struct settings *set;
    struct count *counts;
    unsigned total;
};

/* One bound that a connection meets; `key` is empty when it does not concern this one. */
struct bound {
    char key[KEY_MAX];
    long most;
    const char *of;
};

static void bounds_of(const struct limits *l, const struct principal *who, const char *address,
                      struct bound b[COUNTS]) {
    memset(b, 0, COUNTS * sizeof *b);
    b[0] = (struct bound){"", l->set->max_per_account, "this account"};
    b[1] = (struct bound){"", l->set->max_per_venue, "this venue"};
    b[2] = (struct bound){"", l->set->max_per_address, "this address"};
    if (who->account)
        snprintf(b[0].key, KEY_MAX, "account %" PRId64, who->account);
    if (who->venue)
        snprintf(b[1].key, KEY_MAX, "venue %" PRId64, who->venue);
    if (*address)
        snprintf(b[2].key, KEY_MAX, "%.50s", address);
}

static struct count *count_find(struct limits *l, const char *key) {
    struct count *c;
    HASH_FIND_STR(l->counts, key, c);
    return c;
}

static void count_up(struct limits *l, const char *key) {
    struct count *c = count_find(l, key);
    if (!c) {
        c = x_new(struct count);
        memcpy(c->key, key, strnlen(key, KEY_MAX - 1)); /* zeroed, so it ends */
        HASH_ADD_STR(l->counts, key, c);
    }
    c->n++;
}

static void count_down(struct limits *l, const char *key) {
    struct count *c = count_find(l, key);
    require(c && c->n);
    if (--c->n)
        return;
    HASH_DEL(l->counts, c);
    x_free(c);
}

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
    for (int i = 0; i < COUNTS; i++) {
        struct count *c = *b[i].key ? count_find(l, b[i].key) : NULL;
        if (c && (long)c->n >= b[i].most)
            return full(e, "Too many connections of ", b[i].of);
    }
    l->total++;
    for (int i = 0; i < COUNTS; i++)
        if (*b[i].key)
            count_up(l, b[i].key);
    return true;
}

void limits_give(struct limits *l, const struct principal *who, const char *address) {
    struct bound b[COUNTS];
    bounds_of(l, who, address, b);
    require(l->total);
    l->total--;
    for (int i = 0; i < COUNTS; i++)
        if (*b[i].key)
            count_down(l, b[i].key);
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
    HASH_ITER(hh, l->counts, c, next) {
        HASH_DEL(l->counts, c);
        x_free(c);
    }
    x_free(l);
}
