/* test_feed_hub.c - rooms: who hears what, once, in order; holding, resyncs, figures. */
#include <config.h>

#include "unit.h"

#include "test_feed.h"

static const struct topic tables = {TOPIC_RESTAURANT_TABLES, 0}, floor2 = {TOPIC_FLOOR, 2},
                          floor3 = {TOPIC_FLOOR, 3}, table5 = {TOPIC_TABLE, 5},
                          stats = {TOPIC_RESTAURANT_STATS, 0};

static void count_topic(struct topic t, void *ctx) {
    str_printf(ctx, "%d:%" PRId64 " ", (int)t.kind, t.id);
}

static void test_subscriptions_keep_their_order(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN);
    struct str names = STR_INIT;
    assert_true(hub_subscribe(server.hub, c, floor2));
    assert_true(hub_subscribe(server.hub, c, tables));
    assert_false(hub_subscribe(server.hub, c, floor2));
    assert_true(hub_subscribe(server.hub, c, table5));
    assert_true(hub_unsubscribe(server.hub, c, tables));
    assert_false(hub_unsubscribe(server.hub, c, tables));
    assert_int_equal(hub_count(c), 2);
    hub_each(c, count_topic, &names);
    char want[64];
    snprintf(want, sizeof want, "%d:2 %d:5 ", TOPIC_FLOOR, TOPIC_TABLE);
    assert_string_equal(str_c(&names), want);
    str_free(&names);
    assert_true(hub_unsubscribe(server.hub, c, floor2));
    assert_true(hub_unsubscribe(server.hub, c, table5));
    assert_int_equal(c->nsubs, 0);
    assert_null(c->subs);
}

static void test_two_topics_one_message(void **s) {
    (void)s;
    struct conn *both = conn_make(1, ROLE_ADMIN), *other = conn_make(2, ROLE_ADMIN),
                *upstairs = conn_make(1, ROLE_ADMIN);
    hub_subscribe(server.hub, both, floor2);
    hub_subscribe(server.hub, both, table5);
    hub_subscribe(server.hub, both, tables);
    hub_subscribe(server.hub, other, tables);
    hub_subscribe(server.hub, upstairs, floor3);
    publish(table_event(1, 1));
    publish(table_event(1, 2));
    assert_string_equal(taken(both), "a1 a2 ");
    assert_string_equal(taken(other), "");
    assert_string_equal(taken(upstairs), "");
    assert_int_equal(hub_seq(upstairs), 2); /* filtered out is acknowledged too */
    assert_int_equal(hub_seq(other), 0);
}

static void test_encoded_once_a_mask(void **s) {
    (void)s;
    for (int i = 0; i < 40; i++)
        hub_subscribe(server.hub, conn_make(1, i % 2 ? ROLE_ADMIN : ROLE_VIEWER), tables);
    publish(table_event(1, 1));
    assert_int_equal(encodings, 2);
    unsigned plain = 0, masked = 0;
    for (struct conn *c = server.conns; c; c = c->next) {
        const char *got = taken(c);
        plain += strcmp(got, "a1 ") == 0;
        masked += strcmp(got, "m1 ") == 0;
    }
    assert_int_equal(plain, 20);
    assert_int_equal(masked, 20);
}

/* Odd connections get another text than even ones: each is made once, and silence is remembered. */
static unsigned odd_or_even(const struct conn *c, const struct event *e, unsigned masked) {
    (void)e;
    return masked | (c->id & 1u) << 1;
}

static struct frame *say_parity(const struct event *e, unsigned variant) {
    (void)e;
    encodings++;
    return variant & 2u ? frame_new("odd", 3, false) : NULL;
}

static void test_encoded_once_a_variant(void **s) {
    (void)s;
    static const struct proto parity = {
        .name = "parity", .language = 200, .variant = odd_or_even, .encode = say_parity};
    for (int i = 0; i < 20; i++) {
        struct conn *c = conn_make(1, ROLE_ADMIN);
        c->proto = &parity;
        hub_subscribe(server.hub, c, tables);
    }
    hub_subscribe(server.hub, conn_make(1, ROLE_ADMIN), tables); /* another language beside them */
    publish(table_event(1, 1));
    publish(table_event(1, 2));
    assert_int_equal(encodings, 2 * 3);
    for (struct conn *c = server.conns; c; c = c->next)
        if (c->proto == &parity)
            assert_string_equal(taken(c), c->id & 1u ? "odd odd " : "");
}

static void test_silent_events_are_asked_once(void **s) {
    (void)s;
    struct conn *a = conn_make(1, ROLE_ADMIN), *b = conn_make(1, ROLE_ADMIN);
    hub_subscribe(server.hub, a, tables);
    hub_subscribe(server.hub, b, tables);
    struct event *e = table_event(1, 1);
    strcpy(e->type, "floor.updated"); /* routed as a table, but nothing to say of it */
    publish(e);
    assert_int_equal(encodings, 1);
    assert_string_equal(taken(a), "");
    assert_int_equal(hub_seq(b), 1);
}

/* Random coming and going against a plain model. */
static void test_members_stay_compact(void **s) {
    enum { N = 50 };
    struct conn *c[N];
    bool in[N] = {false};
    unsigned seed = 7;
    (void)s;
    for (int i = 0; i < N; i++)
        c[i] = conn_make(1, ROLE_ADMIN);
    for (int64_t seq = 1; seq < 400; seq++) {
        unsigned i = (seed = seed * 1103515245u + 12345u) / 65536 % N;
        assert_true(in[i] ? hub_unsubscribe(server.hub, c[i], tables)
                          : hub_subscribe(server.hub, c[i], tables));
        in[i] = !in[i];
        publish(table_event(1, seq));
        unsigned members = 0;
        for (int j = 0; j < N; j++) {
            assert_int_equal(*taken(c[j]) != '\0', in[j]);
            members += in[j];
        }
        assert_int_equal(hub_members(server.hub, TOPIC_RESTAURANT_TABLES), members);
        assert_int_equal(hub_listening(server.hub, 1, TOPIC_RESTAURANT_TABLES), members > 0);
    }
}

static void test_held_until_released_from_a_seq(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN);
    hub_subscribe(server.hub, c, tables);
    hub_subscribe(server.hub, c, table5);
    publish(table_event(1, 1));
    hub_hold(c);
    for (int64_t i = 2; i <= 5; i++)
        publish(table_event(1, i));
    assert_string_equal(taken(c), "a1 ");
    assert_int_equal(hub_seq(c), 1); /* what is held is not acknowledged */
    conn_push_text(c, "snapshot@3", 10);
    hub_release(c, 3);
    publish(table_event(1, 6));
    assert_string_equal(taken(c), "snapshot@3 a4 a5 a6 ");
    assert_null(c->held);
}

static void test_holds_nest(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN);
    hub_subscribe(server.hub, c, tables);
    hub_hold(c);
    hub_hold(c);
    publish(table_event(1, 1));
    hub_release(c, 0);
    assert_string_equal(taken(c), "");
    hub_unsubscribe(server.hub, c, tables); /* meanwhile not wanted any more */
    hub_release(c, 0);
    assert_string_equal(taken(c), "");
}

static void test_holding_is_bounded(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN);
    hub_subscribe(server.hub, c, tables);
    hub_hold(c);
    for (int64_t i = 1; i <= 8193; i++)
        publish(table_event(1, i));
    assert_int_equal(((struct peer *)c->link_data)->closed, 1013);
}

/* The resync of a bulk change, its turn in the order kept: what came before it leaves, what came
 * after waits for the snapshot that it starts. */
static void test_a_held_resync_keeps_its_place(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN);
    struct peer *p = c->link_data;
    hub_subscribe(server.hub, c, tables);
    hub_hold(c);
    publish(table_event(1, 1));
    publish(event_make(1, 2, "resync", "{}", "{}", NULL));
    publish(table_event(1, 3));
    publish(table_event(1, 4));
    hub_release(c, 0);
    assert_string_equal(taken(c), "a1 resync ");
    assert_int_equal(p->resyncs, 1);
    assert_int_equal(c->seq, 1); /* whoever breaks off now meets it again */
    hub_release(c, 3);           /* the snapshot shows 3 */
    publish(table_event(1, 5));
    assert_string_equal(taken(c), "a4 a5 ");
}

static void test_a_live_resync_reaches_whoever_listens(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN), *idle = conn_make(1, ROLE_ADMIN),
                *other = conn_make(2, ROLE_ADMIN);
    hub_subscribe(server.hub, c, floor3);
    hub_subscribe(server.hub, other, floor3);
    publish(table_event(1, 1));
    publish(event_make(1, 2, "resync", "{}", "{}", NULL));
    assert_int_equal(((struct peer *)c->link_data)->resyncs, 1);
    assert_int_equal(c->seq, 1);
    assert_int_equal(((struct peer *)idle->link_data)->resyncs, 0);
    assert_int_equal(((struct peer *)other->link_data)->resyncs, 0);
    assert_int_equal(hub_seq(idle), 2);
}

static void test_a_new_epoch_drops_what_is_held(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN);
    hub_subscribe(server.hub, c, tables);
    publish(table_event(1, 100));
    hub_hold(c);
    publish(table_event(1, 101));
    hub_resync(server.hub, 1, 40, true);
    assert_int_equal(c->seq, -1);
    hub_release(c, 0);
    hub_release(c, 40); /* the hold of the resync itself */
    publish(table_event(1, 41));
    assert_string_equal(taken(c), "a100 resync a41 ");
}

static void test_a_replay_is_not_doubled_by_what_is_published(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN);
    hub_subscribe(server.hub, c, tables);
    hub_hold(c);
    c->replaying = true;
    c->seq = 0;
    for (int64_t i = 1; i <= 4; i++) {
        struct event *e = table_event(1, i);
        if (i > 2)
            hub_publish(server.hub, e); /* while the replay goes on ... */
        hub_offer(c, e);                /* ... and comes to it */
        hub_offer(c, e);
        event_unref(e);
    }
    c->replaying = false;
    hub_release(c, 0);
    assert_string_equal(taken(c), "a1 a2 a3 a4 ");
}

static struct conn *missed_by;

static void on_missed(void *ctx, struct conn *c, struct topic t) {
    (void)ctx;
    assert_int_equal(t.kind, TOPIC_RESTAURANT_STATS);
    missed_by = c;
}

static void test_figures_replace_and_wait(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_ADMIN), *held = conn_make(1, ROLE_ADMIN);
    hub_on_missed(server.hub, on_missed, NULL);
    missed_by = NULL;
    hub_subscribe(server.hub, c, stats);
    hub_subscribe(server.hub, held, stats);
    hub_hold(held);
    for (int i = 0; i < 3; i++) {
        char text[8];
        snprintf(text, sizeof text, "s%d", i);
        struct frame *f = frame_new(text, 2, false);
        hub_publish_state(server.hub, 1, stats, 9, f);
        frame_unref(f);
    }
    assert_string_equal(taken(c), "s2 ");
    assert_string_equal(taken(held), "");
    assert_null(missed_by);
    hub_release(held, 0);
    assert_ptr_equal(missed_by, held);
}

/* Dies in the middle of a broadcast that closes it: the others are not skipped. */
static void close_one(struct conn *c, void *ctx) {
    unsigned *n = ctx;
    ++*n;
    conn_kill(c);
}

static void test_walking_survives_the_death_of_all(void **s) {
    (void)s;
    unsigned n = 0;
    for (int i = 0; i < 9; i++)
        hub_subscribe(server.hub, conn_make(1, ROLE_ADMIN), tables);
    hub_each_conn(server.hub, 1, close_one, &n);
    assert_int_equal(n, 9);
    assert_int_equal(hub_members(server.hub, TOPIC_RESTAURANT_TABLES), 0);
}

#define IN_SERVER(t) cmocka_unit_test_setup_teardown(t, server_up, server_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SERVER(test_subscriptions_keep_their_order),
        IN_SERVER(test_two_topics_one_message),
        IN_SERVER(test_encoded_once_a_mask),
        IN_SERVER(test_encoded_once_a_variant),
        IN_SERVER(test_silent_events_are_asked_once),
        IN_SERVER(test_members_stay_compact),
        IN_SERVER(test_held_until_released_from_a_seq),
        IN_SERVER(test_holds_nest),
        IN_SERVER(test_holding_is_bounded),
        IN_SERVER(test_a_held_resync_keeps_its_place),
        IN_SERVER(test_a_live_resync_reaches_whoever_listens),
        IN_SERVER(test_a_new_epoch_drops_what_is_held),
        IN_SERVER(test_a_replay_is_not_doubled_by_what_is_published),
        IN_SERVER(test_figures_replace_and_wait),
        IN_SERVER(test_walking_survives_the_death_of_all),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
