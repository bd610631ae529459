/* limits.c - one count a key: the account, the venue, the address. Called by link/http and conn.c;
 * owns the counts. The whole is a plain number. */
#include "config.h"

#include "core/limits.h"

#include <string.h>
#include <uthash.h>

#define COUNTS  3
#define RETRY_S 2 /* when somebody may have gone */

enum counted { COUNTED_ACCOUNT, COUNTED_VENUE, COUNTED_ADDRESS };

/* As wide as it is so that it has no padding to hash. */
struct key {
    int64_t of, id;
    char address[48];
};

struct count {
    struct key key;
    unsigned n;
    UT_hash_handle hh;
};

struct limits {
    const struct settings *set;
    struct count *counts;
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
    b[0] = (struct bound){{COUNTED_ACCOUNT, who->account, ""}, who->account != 0,
                          l->set->max_per_account, "this account"};
    b[1] = (struct bound){{COUNTED_VENUE, who->venue, ""}, who->venue != 0, l->set->max_per_venue,
                          "this venue"};
    b[2] = (struct bound){{COUNTED_ADDRESS, 0, ""}, *address != 0, l->set->max_per_address,
                          "this address"};
    memcpy(b[2].key.address, address, strnlen(address, sizeof b[2].key.address - 1));
}

static struct count *count_find(struct limits *l, const struct key *key) {
    struct count *c;
    HASH_FIND(hh, l->counts, key, sizeof *key, c);
    return c;
}

static void count_up(struct limits *l, const struct key *key) {
    struct count *c = count_find(l, key);
    if (!c) {
        c = x_new(struct count);
        c->key = *key;
        HASH_ADD(hh, l->counts, key, sizeof c->key, c);
    }
    c->n++;
}

static void count_down(struct limits *l, const struct key *key) {
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
        struct count *c = b[i].met ? count_find(l, &b[i].key) : NULL;
        if (c && (long)c->n >= b[i].most)
            return full(e, "Too many connections of ", b[i].of);
    }
    l->total++;
    for (int i = 0; i < COUNTS; i++)
        if (b[i].met)
            count_up(l, &b[i].key);
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
    HASH_ITER(hh, l->counts, c, next) {
        HASH_DEL(l->counts, c);
        x_free(c);
    }
    x_free(l);
}
