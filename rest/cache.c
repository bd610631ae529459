/* cache.c - entity tags. See cache.h. */
#include "config.h"

#include "cache.h"

#include "data/position.h"

#include <string.h>

/* FNV-1a, with a last mixing step: short inputs that differ in one digit must differ all over. */
struct hash {
    uint64_t v;
};

static void hash_put(struct hash *h, const void *bytes, size_t len) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        h->v = (h->v ^ p[i]) * UINT64_C(0x100000001b3);
}

/* With its NUL, so that "a" + "bc" and "ab" + "c" differ; NULL differs from "". */
static void hash_text(struct hash *h, const char *s) {
    hash_put(h, s ? s : "\x01\x02", s ? strlen(s) + 1 : 3);
}

static void hash_int(struct hash *h, int64_t n) {
    hash_put(h, &n, sizeof n);
}

static uint64_t hash_end(struct hash *h) {
    uint64_t v = h->v;
    v = (v ^ (v >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    v = (v ^ (v >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return v ^ (v >> 33);
}

bool cache_page(struct exchange *x, struct cache_state *out) {
    struct positions *page = service_page(x->service);
    out->venue = x->who.venue;
    return page && positions_fresh(page) && positions_epoch(page, out->epoch) &&
           positions_read(page, out->venue, &out->seq, out->areas);
}

bool cache_answer(const struct answer *answer, struct cache_state *out) {
    struct position p;
    if (!answer->position || !position_parse(answer->position, &p))
        return false;
    memcpy(out->epoch, p.epoch, sizeof out->epoch);
    out->venue = p.venue;
    out->seq = p.seq;
    memcpy(out->areas, answer->areas, sizeof out->areas);
    return true;
}

static int64_t last_seq(unsigned areas, const int64_t seqs[AREA_COUNT]) {
    int64_t last = 0;
    for (int i = 1; i < AREA_COUNT; i++)
        if ((areas & AREA_BIT(i)) && seqs[i] > last)
            last = seqs[i];
    return last;
}

/* Arguments as the client wrote them: binding comes later, and a tag of other spelling only costs
 * a query. */
static void hash_arguments(struct hash *h, const struct exchange *x) {
    for (const struct arg *a = x->op->args; a->name; a++) {
        if (a->place == IN_PATH) {
            hash_text(h, router_param(&x->match, a->name));
            continue;
        }
        const struct uri_param *q = uri_param(&x->rq.uri, a->name);
        const struct uri_param *alias = a->alias ? uri_param(&x->rq.uri, a->alias) : NULL;
        hash_text(h, q ? q->value : NULL);
        hash_text(h, alias ? alias->value : NULL);
    }
}

/* Answers to "anyone" are about the caller; a guest sees only what is theirs. */
static void hash_person(struct hash *h, const struct exchange *x) {
    bool personal = x->op->cap == CAP_ANYONE || x->who.role == ROLE_GUEST;
    hash_int(h, x->masked);
    hash_int(h, personal ? x->who.account : 0);
    hash_int(h, x->who.session);
    hash_int(h, x->who.order);
}

void cache_tag(const struct exchange *x, const struct cache_state *s, char tag[CACHE_TAG_MAX]) {
    static const char digits[] = "0123456789abcdef";
    struct hash h = {UINT64_C(0xcbf29ce484222325)};
    hash_text(&h, s->epoch);
    hash_int(&h, s->venue);
    hash_text(&h, x->op->name);
    hash_arguments(&h, x);
    hash_person(&h, x);
    hash_int(&h, last_seq(x->op->areas, s->areas));
    hash_int(&h, x->op->clock_s ? x->now / x->op->clock_s : 0);
    uint64_t v = hash_end(&h);
    memcpy(tag, "W/\"", 3);
    for (int i = 0; i < 16; i++, v >>= 4)
        tag[3 + i] = digits[v & 15];
    memcpy(tag + 19, "\"", 2);
}

/* What web servers append to the tag of a body that they compressed. */
static size_t coding_suffix(const char *tag, size_t len) {
    static const char *const codings[] = {"gzip", "br", "deflate", "zstd"};
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        size_t n = strlen(codings[i]);
        if (len > n && memcmp(tag + len - n, codings[i], n) == 0 && strchr("-;", tag[len - n - 1]))
            return n + 1;
    }
    return 0;
}

bool cache_matches(const char *list, const char *tag) {
    const char *want = strchr(tag, '"') + 1;
    size_t want_len = strlen(want) - 1;
    for (const char *open; (open = strchr(list, '"'));) {
        size_t len = strcspn(++open, "\"");
        if (!open[len])
            return false;
        list = open + len + 1;
        len -= coding_suffix(open, len);
        if (len == want_len && memcmp(open, want, len) == 0)
            return true;
    }
    return false;
}

bool cache_any(const char *if_none_match) {
    return if_none_match[strspn(if_none_match, " \t")] == '*';
}

void cache_headers(struct exchange *x, const struct cache_state *s, const char *tag) {
    struct position p = {.venue = s->venue, .seq = s->seq};
    char text[POSITION_MAX];
    memcpy(p.epoch, s->epoch, sizeof p.epoch);
    response_header(&x->rs, "X-Feed-Position", position_format(&p, text));
    if (tag)
        response_header(&x->rs, "ETag", tag);
}
