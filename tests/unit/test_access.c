/* test_access.c - the permission matrix against SPEC section 2, and the grammar of channels. */
#include <config.h>

#include "unit.h"

#include "access/permissions.h"
#include "access/topic.h"
#include "data/area.h"
#include "data/position.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The table as SPEC section 2 prints it, one line a capability of ours: admin, manager, waiter,
 * kitchen, frontdesk, viewer, guest. */
static const char *const spec[] = {
    "figures.read x x - - x x -",
    "tables.read x x x x x x -",
    "sessions.read x x x x x x own",
    "tables.operate x x x - x - -",
    "tables.admin x x - - - - -",
    "orders.read x x x x x - own",
    "orders.write x x x - x - own",
    "orders.cook x x x x x - -",
    "payments.write x x x - x - -",
    "reservations.read x x x - x masked -",
    "reservations.write x x - - x - -",
    "reservations.seat x x x - x - -",
    "bookings.read x x - - x masked -",
    "bookings.write x x - - x - -",
    "menu.read x x x x x x x",
    "menu.write x x - - - - -",
    "menu.availability x x - x - - -",
    "notifications.read x x x x x - -",
    "notifications.send x x x x x - -",
    "notifications.acknowledge x x x x x - -",
    "notifications.broadcast x x - - - - -",
    "guest.call x x x x x - own",
    "history.read x x - - - - -",
    "accounts x - - - - - -",
    "api_keys x x x x x x -",
    "guest_tokens x x x - x - -",
    "emergency x x - - - - -",
};

static const char *word_of(enum grant grant) {
    static const char *const words[] = {"-", "x", "masked", "own"};
    return words[grant];
}

static void test_matrix(void **s) {
    (void)s;
    assert_int_equal(sizeof spec / sizeof *spec, CAP_COUNT - CAP_FIGURES_READ);
    for (size_t i = 0; i < sizeof spec / sizeof *spec; i++) {
        enum capability cap = (enum capability)(CAP_FIGURES_READ + i);
        char line[160];
        int n = snprintf(line, sizeof line, "%s", capability_name(cap));
        for (int role = ROLE_ADMIN; role <= ROLE_GUEST; role++)
            n += snprintf(line + n, sizeof line - (size_t)n, " %s",
                          word_of(permission_grants((enum role)role, cap)));
        assert_string_equal(line, spec[i]);
    }
}

static void test_nobody_may_nothing(void **s) {
    (void)s;
    for (int cap = CAP_ANYONE; cap < CAP_COUNT; cap++)
        assert_int_equal(permission_grants(ROLE_NONE, (enum capability)cap), GRANT_NO);
    assert_int_equal(permission_grants(ROLE_NONE, CAP_PUBLIC), GRANT_YES);
    assert_int_equal(permission_grants((enum role)99, CAP_ANYONE), GRANT_NO);
    assert_int_equal(permission_grants(ROLE_ADMIN, (enum capability)99), GRANT_NO);
}

static void test_roles(void **s) {
    (void)s;
    for (int role = ROLE_ADMIN; role < ROLE_COUNT; role++) {
        assert_int_equal(role_parse(role_name((enum role)role)), role);
        assert_int_equal(role_masked((enum role)role), role == ROLE_VIEWER || role == ROLE_KITCHEN);
    }
    assert_int_equal(role_parse("none"), ROLE_NONE);
    assert_int_equal(role_parse("Admin"), ROLE_NONE);
    assert_int_equal(role_parse(NULL), ROLE_NONE);
}

static void test_printed_table(void **s) {
    (void)s;
    struct str out = STR_INIT;
    permission_print(&out);
    assert_true(str_starts(str_c(&out), "| capability | admin | manager | waiter | kitchen |"));
    assert_non_null(strstr(str_c(&out), "\n| bookings.read | x | x | | | x | masked | |\n"));
    assert_non_null(strstr(str_c(&out), "\n| orders.read | x | x | x | x | x | | own |\n"));
    str_free(&out);
}

/* docs/permissions.md holds the table as it is printed, whole; run.sh says where the tree is. */
static void test_page_of_permissions_is_the_table(void **s) {
    (void)s;
    char path[512], page[16384];
    struct str out = STR_INIT;
    const char *top = getenv("MAITRED_TOP");
    assert_non_null(top);
    snprintf(path, sizeof path, "%s/docs/permissions.md", top);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    page[fread(page, 1, sizeof page - 1, f)] = '\0';
    fclose(f);
    permission_print(&out);
    const char *table = strstr(page, "| capability |");
    assert_non_null(table);
    assert_string_equal(table, str_c(&out));
    str_free(&out);
}

static void refused(const char *name) {
    struct topic t;
    if (topic_parse(name, strlen(name), &t))
        fail_msg("accepted: %s", name);
}

static void test_topics_round_trip(void **s) {
    (void)s;
    for (int kind = TOPIC_NONE + 1; kind < TOPIC_CHANNELS; kind++) {
        char name[TOPIC_NAME_MAX];
        struct topic t = {(enum topic_kind)kind, kind >= TOPIC_FLOOR ? INT64_MAX : 0}, back;
        topic_name(t, name);
        assert_true(topic_parse(name, strlen(name), &back));
        assert_int_equal(back.kind, kind);
        assert_true(back.id == t.id);
        assert_int_not_equal(topic_capability(t.kind), CAP_PUBLIC);
        assert_int_not_equal(topic_is_hotel(t.kind), topic_is_restaurant(t.kind));
        assert_int_equal(topic_is_hotel(t.kind), str_starts(name, "hotel_"));
    }
}

static void test_rooms_of_one_thing_are_no_channels(void **s) {
    (void)s;
    for (int kind = TOPIC_CHANNELS; kind < TOPIC_KINDS; kind++) {
        char name[TOPIC_NAME_MAX];
        refused(topic_name((struct topic){(enum topic_kind)kind, 7}, name));
        assert_int_not_equal(topic_capability((enum topic_kind)kind), CAP_PUBLIC);
    }
}

static void test_topics_refused(void **s) {
    (void)s;
    static const char *const names[] = {"",
                                        "none",
                                        "floor",
                                        "floor:",
                                        "floor:0",
                                        "floor:01",
                                        "floor:-1",
                                        "table:1x",
                                        "order: 1",
                                        "hotel_statsx",
                                        "hotel_stat",
                                        "HOTEL_STATS",
                                        "table:+1",
                                        "restaurant_stats:1",
                                        "order:9223372036854775808"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        refused(names[i]);
    struct topic t;
    assert_true(topic_parse("floor:12junk", 8, &t)); /* the length counts, not the NUL */
    assert_int_equal(t.id, 12);
}

static void test_state_topics(void **s) {
    (void)s;
    assert_true(topic_is_state(TOPIC_HOTEL_STATS) && topic_is_state(TOPIC_RESTAURANT_STATS) &&
                topic_is_state(TOPIC_RESTAURANT_METRICS) && topic_is_state(TOPIC_HOTEL_METRICS) &&
                topic_is_state(TOPIC_HOTEL_ROOMS));
    assert_false(topic_is_state(TOPIC_RESTAURANT_ORDERS) || topic_is_state(TOPIC_HOTEL_MENU) ||
                 topic_is_state(TOPIC_TABLE));
}

static void test_areas(void **s) {
    (void)s;
    for (int area = AREA_NONE + 1; area < AREA_COUNT; area++)
        assert_int_equal(area_parse(area_name((enum area)area)), area);
    assert_int_equal(area_parse("none"), AREA_NONE);
    assert_int_equal(area_parse(NULL), AREA_NONE);
    assert_int_equal(AREA_COUNT, 11);
}

static void test_positions_round_trip(void **s) {
    (void)s;
    struct position p;
    char buf[POSITION_MAX];
    assert_true(position_parse("3fa9c1d2v7-1042", &p));
    assert_string_equal(p.epoch, "3fa9c1d2");
    assert_true(p.venue == 7 && p.seq == 1042);
    assert_string_equal(position_format(&p, buf), "3fa9c1d2v7-1042");
    assert_true(position_parse("00000000v9223372036854775807-9223372036854775807", &p));
    assert_string_equal(position_format(&p, buf),
                        "00000000v9223372036854775807-9223372036854775807");
    assert_true(position_parse("00000000v1-0", &p));
}

static void test_positions_refused(void **s) {
    (void)s;
    static const char *const texts[] = {"",
                                        "3fa9c1d2",
                                        "3fa9c1d2v7",
                                        "3fa9c1d2v7-",
                                        "3fa9c1d2v-1",
                                        "3fa9c1d2v0-1",
                                        "3fa9c1d2v07-1",
                                        "3fa9c1d2v7-01",
                                        "3fa9c1d2v7-+1",
                                        "3fa9c1d2v7--1",
                                        "3fa9c1d2v7-1 ",
                                        " 3fa9c1d2v7-1",
                                        "3FA9C1D2v7-1",
                                        "3fa9c1dv7-1",
                                        "3fa9c1d22v7-1",
                                        "3fa9c1d2V7-1",
                                        "3fa9c1d2v7-9223372036854775808",
                                        "3fa9c1d2v 7-1",
                                        "3fa9c1d2v7-1-2"};
    struct position p;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (position_parse(texts[i], &p))
            fail_msg("accepted: %s", texts[i]);
    }
    assert_false(position_parse(NULL, &p));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_nobody_may_nothing),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_printed_table),
        cmocka_unit_test(test_page_of_permissions_is_the_table),
        cmocka_unit_test(test_topics_round_trip),
        cmocka_unit_test(test_rooms_of_one_thing_are_no_channels),
        cmocka_unit_test(test_topics_refused),
        cmocka_unit_test(test_state_topics),
        cmocka_unit_test(test_areas),
        cmocka_unit_test(test_positions_round_trip),
        cmocka_unit_test(test_positions_refused),
    };
    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
