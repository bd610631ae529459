/* cache.c - what an answer is of, and entity tags. See cache.h. */
#include "config.h"

#include "cache.h"

#include "data/position.h"

#include <string.h>

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

/* ---- the subject */

/* A mark, the bytes and a NUL: no text holds a NUL, so that "a" + "bc" and "ab" + "c" differ, and
 * what was not given differs from what is empty. */
static void put_text(struct str *s, const char *text) {
    str_putc(s, text ? 1 : 2);
    if (text)
        str_put(s, text, strlen(text) + 1);
}

static void put_int(struct str *s, int64_t n) {
    str_put(s, &n, sizeof n);
}

/* With how often it was given: twice is refused, which only binding would find. */
static void put_param(struct str *s, const struct uri *uri, const char *name) {
    const struct uri_param *p = uri_param(uri, name);
    put_text(s, p ? p->value : NULL);
    if (p)
        put_int(s, p->times);
}

/* Arguments as the client wrote them: binding comes later, and another spelling only costs a query.
 */
static void put_arguments(struct str *s, const struct exchange *x) {
    for (const struct arg *a = x->op->args; a->name; a++) {
        if (a->place == IN_PATH) {
            put_text(s, router_param(&x->match, a->name));
            continue;
        }
        put_param(s, &x->rq.uri, a->name);
        if (a->alias)
            put_param(s, &x->rq.uri, a->alias);
    }
}

static enum varies varies(const struct exchange *x) {
    return x->op->cap == CAP_ANYONE ? BY_ACCOUNT : x->op->varies;
}

/* For whose eyes. A guest sees only what is theirs. */
static void put_person(struct str *s, const struct exchange *x) {
    bool guest = x->who.role == ROLE_GUEST;
    str_putc(s, x->masked ? 'm' : 'u');
    put_int(s, guest || varies(x) >= BY_ROLE ? (int64_t)x->who.role : 0);
    put_int(s, varies(x) >= BY_ACCOUNT ? x->who.account : 0);
    put_int(s, x->who.session);
    put_int(s, x->who.order);
}

/* FNV-1a, with a last mixing step: short inputs that differ in one digit must differ all over. */
static uint64_t hash_put(uint64_t v, const void *bytes, size_t len) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        v = (v ^ p[i]) * UINT64_C(0x100000001b3);
    return v;
}

static uint64_t hash_end(uint64_t v) {
    v = (v ^ (v >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    v = (v ^ (v >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return v ^ (v >> 33);
}

/* Put together once a request: it is asked for again when the query has answered. */
static void subject(struct exchange *x) {
    struct str *s = &x->subject;
    if (s->len)
        return;
    put_int(s, x->who.venue);
    put_person(s, x);
    put_text(s, x->op->name);
    put_text(s, x->match.route->path); /* links name it */
    put_arguments(s, x);
    x->subject_hash = hash_end(hash_put(UINT64_C(0xcbf29ce484222325), s->p, s->len));
}

void cache_key(struct exchange *x, const struct cache_state *s, struct answers_key *out) {
    subject(x);
    *out = (struct answers_key){
        .subject = x->subject.p,
        .subject_len = x->subject.len,
        .hash = x->subject_hash,
        .last = last_seq(x->op->areas, s->areas),
        .bucket = x->op->clock_s ? x->now / x->op->clock_s : 0,
    };
    memcpy(out->epoch, s->epoch, sizeof out->epoch);
}

void cache_tag(const struct answers_key *key, char tag[CACHE_TAG_MAX]) {
    static const char digits[] = "0123456789abcdef";
    uint64_t v = hash_put(key->hash, key->epoch, sizeof key->epoch);
    v = hash_put(v, &key->last, sizeof key->last);
    v = hash_end(hash_put(v, &key->bucket, sizeof key->bucket));
    memcpy(tag, "W/\"", 3);
    for (int i = 0; i < 16; i++, v >>= 4)
        tag[3 + i] = digits[v & 15];
    memcpy(tag + 19, "\"", 2);
}

bool cache_keeps(const struct exchange *x) {
    return x->service->answers && x->rq.get && !x->op->write && x->op->areas != 0;
}

/* ---- conditions */

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
