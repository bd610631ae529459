/* test_rest_cache.c - what tells one answer from another: everything that it depends on changes
 * its key and its tag, and nothing else does. */
#include <config.h>

#include "unit.h"

#include "cache.h"

#include <string.h>

static const struct arg args[] = {
    {.name = "id", .place = IN_PATH},
    {.name = "status", .alias = "state", .place = IN_QUERY},
    {.name = "search", .place = IN_QUERY},
    {0},
};
static struct op op = {
    .name = "thing_get",
    .cap = CAP_TABLES_READ,
    .areas = AREA_BIT(AREA_TABLES) | AREA_BIT(AREA_VENUE),
    .clock_s = 60,
    .args = args,
};
static struct route route = {.method = "GET", .path = "/api/things/{id}"};
static struct service service;
static struct exchange x;
static struct cache_state at;

static int fresh(void **s) {
    (void)s;
    str_free(&x.subject);
    memset(&x, 0, sizeof x);
    op.cap = CAP_TABLES_READ;
    op.varies = SAME_FOR_ALL;
    op.clock_s = 60;
    route.path = "/api/things/{id}";
    x.service = &service;
    x.op = &op;
    x.match.route = &route;
    x.match.nparams = 1;
    x.match.params[0] = (struct route_param){"id}", 2, "7"};
    x.who = (struct principal){.role = ROLE_ADMIN, .venue = 3, .account = 9};
    x.now = 600;
    x.rq.get = true;
    at = (struct cache_state){.epoch = "0000000a", .venue = 3, .seq = 50};
    at.areas[AREA_TABLES] = 40;
    at.areas[AREA_ORDERS] = 45;
    return 0;
}

struct told {
    char tag[CACHE_TAG_MAX], subject[512];
    size_t len;
    struct answers_key key;
};

static struct told tell(void) {
    struct told t = {.len = 0};
    str_clear(&x.subject);
    cache_key(&x, &at, &t.key);
    assert_in_range(t.key.subject_len, 1, sizeof t.subject);
    t.len = t.key.subject_len;
    memcpy(t.subject, t.key.subject, t.len);
    cache_tag(&t.key, t.tag);
    return t;
}

static struct told before;

static bool same_key(const struct told *a, const struct told *b) {
    return a->len == b->len && memcmp(a->subject, b->subject, a->len) == 0 &&
           memcmp(a->key.epoch, b->key.epoch, 9) == 0 && a->key.last == b->key.last &&
           a->key.bucket == b->key.bucket;
}

/* The key and the tag must go together. */
static void expect(bool same) {
    struct told now = tell();
    assert_int_equal(same_key(&before, &now), same);
    assert_int_equal(strcmp(before.tag, now.tag) == 0, same);
    before = now;
}
#define DIFFERS(change) (change, expect(false))
#define SAME(change)    (change, expect(true))

static void query(int i, const char *name, const char *value, int times) {
    x.rq.uri.params[i] = (struct uri_param){name, value, times};
    x.rq.uri.nparams = i + 1;
}

static void test_the_version(void **s) {
    (void)s;
    before = tell();
    DIFFERS(at.areas[AREA_TABLES] = 41);
    DIFFERS(at.areas[AREA_VENUE] = 42);
    DIFFERS(strcpy(at.epoch, "0000000b"));
    SAME(at.areas[AREA_ORDERS] = 47); /* not read */
    SAME(at.seq = 51);
}

static void test_the_clock(void **s) {
    (void)s;
    before = tell();
    SAME(x.now = 659);
    DIFFERS(x.now = 660);
    op.clock_s = 0;
    before = tell();
    SAME(x.now = 9999);
}

static void test_the_arguments(void **s) {
    (void)s;
    before = tell();
    DIFFERS(x.match.params[0].value = "8");
    DIFFERS(query(0, "status", "", 1));
    DIFFERS(query(0, "status", "open", 1));
    DIFFERS(query(0, "status", "open", 2)); /* refused, which only binding finds */
    DIFFERS(query(0, "state", "open", 1));
    DIFFERS(query(0, "search", "open", 1));
    DIFFERS((query(0, "status", "open", 1), query(1, "state", "open", 1)));
    DIFFERS((query(0, "status", "a", 1), query(1, "search", "bc", 1)));
    DIFFERS((query(0, "status", "ab", 1), query(1, "search", "c", 1)));
    SAME(query(2, "_", "1700000000", 1)); /* nobody reads it */
    DIFFERS(route.path = "/api/old/things/{id}");
}

static void test_who_asks(void **s) {
    (void)s;
    before = tell();
    DIFFERS(x.who.venue = 4);
    DIFFERS(x.masked = true);
    SAME(x.who.account = 10);
    SAME(x.who.role = ROLE_MANAGER);
    op.varies = BY_ROLE;
    before = tell();
    DIFFERS(x.who.role = ROLE_WAITER);
    SAME(x.who.account = 11);
    op.varies = BY_ACCOUNT;
    before = tell();
    DIFFERS(x.who.account = 12);
    op.varies = SAME_FOR_ALL;
    op.cap = CAP_ANYONE;
    before = tell();
    DIFFERS(x.who.account = 13);
    DIFFERS(x.who.role = ROLE_ADMIN);
}

static void test_a_guest(void **s) {
    (void)s;
    before = tell();
    DIFFERS((x.who.role = ROLE_GUEST, x.who.account = 0, x.who.session = 5));
    DIFFERS(x.who.session = 6);
    DIFFERS((x.who.session = 0, x.who.order = 6));
    DIFFERS(x.who.order = 5);
}

static void test_what_may_be_kept(void **s) {
    (void)s;
    assert_false(cache_keeps(&x)); /* there is nowhere to keep it */
    service.answers = answers_new(1 << 20, 100);
    assert_true(cache_keeps(&x));
    x.rq.get = false;
    assert_false(cache_keeps(&x));
    x.rq.get = true;
    struct op write = op, anywhere = op;
    write.write = true;
    anywhere.areas = 0;
    x.op = &write;
    assert_false(cache_keeps(&x));
    x.op = &anywhere; /* nothing says when it would be stale */
    assert_false(cache_keeps(&x));
    answers_free(service.answers);
    service.answers = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_version, fresh),
        cmocka_unit_test_setup(test_the_clock, fresh),
        cmocka_unit_test_setup(test_the_arguments, fresh),
        cmocka_unit_test_setup(test_who_asks, fresh),
        cmocka_unit_test_setup(test_a_guest, fresh),
        cmocka_unit_test_setup(test_what_may_be_kept, fresh),
    };
    int failed = cmocka_run_group_tests_name("what an answer is of", tests, NULL, NULL);
    str_free(&x.subject);
    return failed;
}
