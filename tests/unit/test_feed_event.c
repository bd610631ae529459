/* test_feed_event.c - rows of the feed as events, where they go, and what /ws says of them. */
#include <config.h>

#include "unit.h"

#include "proto/channels_inner.h"
#include "test_feed.h"

static void check_topics(const char *type, const char *refs, const char *want) {
    struct event *e = event_make(7, 3, type, refs, "{\"new\":{\"id\":5},\"old\":null}", NULL);
    struct str got = STR_INIT;
    char name[TOPIC_NAME_MAX];
    for (unsigned i = 0; i < e->ntopics; i++)
        str_printf(&got, "%s ", topic_name(e->topics[i], name));
    assert_string_equal(str_c(&got), want);
    str_free(&got);
    event_unref(e);
}

static void test_routes(void **s) {
    (void)s;
    check_topics("table.updated", "{\"table\":5,\"floor\":2,\"old_floor\":1}",
                 "restaurant_tables floor:2 floor:1 table:5 ");
    check_topics("table.updated", "{\"table\":5,\"floor\":2,\"session\":8,\"old_session\":7}",
                 "restaurant_tables floor:2 table:5 session:8 session:7 ");
    check_topics("order.created", "{\"order\":9,\"table\":5}",
                 "restaurant_orders hotel_orders order:9 restaurant ");
    check_topics("reservation.upcoming", "{\"reservation\":9}",
                 "restaurant_reservations hotel_reservations ");
    check_topics("booking.updated", "{\"booking\":9,\"room\":1}", "hotel_reservations hotel ");
    check_topics("room.updated", "{\"room\":9}", "hotel_rooms hotel ");
    check_topics("notification.created", "{\"notification\":9,\"everybody\":0}",
                 "restaurant_notifications hotel_notifications waiters restaurant hotel ");
    check_topics("notification.created", "{\"notification\":9,\"managers\":0}",
                 "restaurant_notifications hotel_notifications managers restaurant hotel ");
    check_topics("notification.created", "{\"notification\":9,\"waiter\":3}",
                 "restaurant_notifications hotel_notifications waiter:3 restaurant hotel ");
    check_topics("menu_item.updated", "{\"menu_item\":9,\"menu_category\":2}",
                 "restaurant_menu hotel_menu ");
    check_topics("menu_category.deleted", "{\"menu_category\":2}", "restaurant_menu hotel_menu ");
    check_topics("account.updated", "{\"account\":9}", "");
    check_topics("token.revoked", "{\"jti\":\"x\"}", "");
    check_topics("venue.updated", "{\"venue\":7}", "");
    check_topics("floor.updated", "{\"floor\":2}", "");
    check_topics("room_type.updated", "{\"room_type\":9}", "");
}

static void test_head(void **s) {
    (void)s;
    struct event *e = event_make(7, 1042, "table.updated", "{\"table\":5}", "{}", NULL);
    assert_string_equal(e->position, EPOCH "v7-1042");
    assert_string_equal(e->timestamp, "2026-11-20T17:31:05.123Z");
    assert_int_equal(e->at_ms, INT64_C(1795195865123));
    assert_int_equal(e->area, AREA_TABLES);
    assert_true(event_is(e, "table") && !event_is(e, "tab") && event_did(e, "updated"));
    event_unref(e);
}

static void test_instants(void **s) {
    int64_t ms;
    (void)s;
    assert_true(instant_ms("1970-01-01T00:00:01.5Z", &ms) && ms == 1500);
    assert_true(instant_ms("1970-01-01 00:00:01+00", &ms) && ms == 1000);
    assert_true(instant_ms("2026-11-20 17:31:05.123999+00", &ms) && ms == INT64_C(1795195865123));
    assert_false(instant_ms("1970-01-01 00:00:01+01", &ms));
    assert_false(instant_ms("1970-01-01", &ms));
    assert_false(instant_ms("infinity", &ms));
    assert_false(instant_ms(NULL, &ms));
}

/* A document that no strict parser takes must stop nobody: it becomes a resync. */
static void test_unreadable_is_a_resync(void **s) {
    (void)s;
    struct event *e = event_make(7, 3, "notification.created", "{}",
                                 "{\"new\":{\"data\":{\"n\":1e999}},\"old\":null}", NULL);
    assert_non_null(e);
    assert_true(e->resync);
    assert_int_equal(e->ntopics, 0);
    event_unref(e);
    struct err err;
    struct event_row none = {.venue = "7", .seq = "x", .at = "2026-11-20 17:31:05+00"};
    assert_false(event_parse(&none, EPOCH, &e, &err));
}

static void test_documents_outlive_their_trees(void **s) {
    (void)s;
    struct event *e =
        event_make(7, 3, "table.updated", "{\"table\":5}", "{\"new\":{\"a\":1},\"old\":{}}",
                   "{\"new\":{\"a\":2},\"old\":{}}");
    int64_t full = 0, masked = 0;
    event_trim(e);
    assert_true(json_int(json_get(event_new(e, false), "a"), &full));
    assert_true(json_int(json_get(event_new(e, true), "a"), &masked));
    assert_int_equal(full, 1);
    assert_int_equal(masked, 2);
    event_unref(e);
}

static void check_message(const char *type, const char *data, const char *want_tail) {
    struct event *e = event_make(7, 3, type, "{}", data, NULL);
    struct frame *f = channels_encode(e, false);
    char want[512];
    const char *name = strchr(want_tail, '|');
    if (!name) {
        assert_null(f);
    } else {
        snprintf(want, sizeof want,
                 "{\"type\":\"%.*s\",\"timestamp\":\"2026-11-20T17:31:05.123Z\","
                 "\"cursor\":\"" EPOCH "v7-3\",%s}",
                 (int)(name - want_tail), want_tail, name + 1);
        assert_non_null(f);
        assert_string_equal(f->text, want);
        frame_unref(f);
    }
    event_unref(e);
}

static void test_messages(void **s) {
    (void)s;
    const char *reservation =
        "{\"new\":{\"id\":\"res1\",\"status\":\"no_show\",\"statusText\":\"No-show\",\"guests\":2},"
        "\"old\":null}";
    check_message(
        "reservation.created", reservation,
        "new_reservation|\"reservation\":{\"id\":\"res1\",\"status\":\"No-show\",\"guests\":2}");
    check_message(
        "booking.updated", reservation,
        "reservation_update|\"reservation\":{\"id\":\"res1\",\"status\":\"No-show\",\"guests\":2}");
    check_message("reservation.upcoming", reservation,
                  "upcoming_reservation|\"reservation\":{\"id\":\"res1\",\"status\":\"Upcoming\","
                  "\"guests\":2}");
    check_message("table.updated",
                  "{\"new\":{\"id\":1,\"status\":\"occupied\",\"floor\":2},\"old\":{\"status\":"
                  "\"available\",\"floor\":1}}",
                  "table_update|\"table\":{\"id\":1,\"status\":\"occupied\",\"floor\":2,"
                  "\"oldStatus\":\"available\","
                  "\"oldFloor\":1}");
    check_message("table.deleted", "{\"new\":null,\"old\":{\"id\":1,\"status\":\"available\"}}",
                  "table_update|\"table\":{\"id\":1,\"status\":\"available\"},\"deleted\":true");
    check_message("order.updated", "{\"new\":{\"id\":1},\"old\":{\"order_status\":\"pending\"}}",
                  "order_status_changed|\"order\":{\"id\":1}");
    check_message("order.updated", "{\"new\":{\"id\":1},\"old\":{\"notes\":null}}",
                  "order_update|\"order\":{\"id\":1}");
    check_message("order.created", "{\"new\":{\"id\":1},\"old\":null}",
                  "order_created|\"order\":{\"id\":1}");
    check_message("notification.created",
                  "{\"new\":{\"id\":1,\"data\":{\"a\":\"/\\u2028\"}},\"old\":null}",
                  "notification|\"notification\":{\"id\":1,\"data\":{\"a\":\"/\\u2028\"}}");
    check_message("service_request.created", "{\"new\":{\"id\":1},\"old\":null}",
                  "notification|\"notification\":{\"id\":1,\"service_request\":true}");
    check_message("room.updated", "{\"new\":{\"id\":1},\"old\":{}}",
                  "room_update|\"room\":{\"id\":1}");
    check_message("menu_item.updated", "{\"new\":{\"id\":1},\"old\":{}}",
                  "menu_item_update|\"item\":{\"id\":1}");
    check_message("menu_category.deleted", "{\"new\":null,\"old\":{\"id\":1}}",
                  "menu_category_update|\"category\":{\"id\":1},\"deleted\":true");
    check_message("account.updated", "{\"new\":{\"id\":1},\"old\":{}}", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_instants),
        cmocka_unit_test(test_unreadable_is_a_resync),
        cmocka_unit_test(test_documents_outlive_their_trees),
        cmocka_unit_test(test_messages),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
