/* sim_service.c - a restaurant's service in `maitred simulate`: parties are served, call, ask for
 * the bill, pay and leave; tables are cleaned. Who sits when it begins is served too.
 */
#include "config.h"

#include "sim_service.h"

#include <string.h>

static sim_step party_calls, party_is_served, party_pays, party_leaves, table_is_clean;

void party_in(struct sim *s, struct party *p, int64_t seconds, sim_step *step) {
    p->pending++;
    sim_in(s, seconds, step, p);
}

void party_done(struct party *p) {
    if (--p->pending == 0)
        x_free(p);
}

struct party *party_new(int64_t table, int64_t number, int guests) {
    struct party *p = x_alloc(sizeof *p);
    *p = (struct party){.table = table, .number = number, .guests = guests};
    return p;
}

int64_t session_at(struct sim *s, int64_t table) {
    const struct json *t =
        sim_do(s, sim_staff(s, POST_DESK), "table_get", "{\"id\": %ld}", (long)table);
    return sim_int(json_get(t, "session"), "id");
}

/* ---------------------------------------------------------------- at the table */

void party_begins(struct sim *s, struct party *p) {
    party_in(s, p, sim_between(s, MINUTES(2), MINUTES(7)), party_orders);
    if (sim_chance(s, 25))
        party_in(s, p, sim_between(s, MINUTES(8), MINUTES(25)), party_calls);
}

static void request_make(struct sim *s, struct party *p, const char *kind) {
    struct principal guest = sim_guest(s, p->session);
    p->request =
        sim_int(sim_do(s, &guest, "service_request_create", "{\"kind\": \"%s\"}", kind), "id");
}

/* Somebody says that they are on the way: the message of the guests' call. */
static void request_acknowledge(struct sim *s, struct party *p, const char *kind) {
    const struct principal *waiter = sim_staff(s, POST_WAITER);
    const struct json *list =
        sim_do(s, waiter, "notification_list", "{\"kind\": \"%s\", \"limit\": 200}", kind);
    for (size_t i = 0; i < json_length(list); i++)
        if (sim_int(json_at(list, i), "request_id") == p->request) {
            sim_do(s, waiter, "notification_acknowledge", "{\"id\": %ld}",
                   (long)sim_int(json_at(list, i), "id"));
            return;
        }
}

static void request_resolve(struct sim *s, struct party *p) {
    if (p->request)
        sim_do(s, sim_staff(s, POST_WAITER), "service_request_resolve", "{\"id\": %ld}",
               (long)p->request);
    p->request = 0;
}

static void party_calls(struct sim *s, void *what) {
    struct party *p = what;
    if (!p->request) {
        request_make(s, p, "call_waiter");
        if (p->request) {
            sim_say(s, "table %ld calls", (long)p->number);
            request_acknowledge(s, p, "call_waiter");
            party_in(s, p, sim_between(s, 60, 180), party_is_served);
        }
    }
    party_done(p);
}

static void party_is_served(struct sim *s, void *what) {
    struct party *p = what;
    request_resolve(s, p);
    party_done(p);
}

void party_asks_for_bill(struct sim *s, void *what) {
    struct party *p = what;
    request_resolve(s, p);
    request_make(s, p, "bill_requested");
    sim_say(s, "table %ld asks for the bill", (long)p->number);
    if (p->request)
        request_acknowledge(s, p, "bill_requested");
    party_in(s, p, sim_between(s, MINUTES(1), MINUTES(4)), party_pays);
    party_done(p);
}

#define ORDERS_MAX 16

static void party_pays(struct sim *s, void *what) {
    struct party *p = what;
    int64_t served[ORDERS_MAX];
    int n = 0;
    request_resolve(s, p);
    const struct json *list =
        sim_do(s, sim_staff(s, POST_WAITER), "order_list",
               "{\"session\": %ld, \"status\": \"served\"}", (long)p->session);
    for (size_t i = 0; i < json_length(list) && n < ORDERS_MAX; i++)
        served[n++] = sim_int(json_at(list, i), "id");
    for (int i = 0; i < n; i++)
        ticket_settle(s, served[i]);
    sim_say(s, "table %ld pays", (long)p->number);
    party_in(s, p, sim_between(s, MINUTES(2), MINUTES(8)), party_leaves);
    party_done(p);
}

static bool table_step(struct sim *s, struct party *p, const char *status, const char *notes) {
    return sim_do(s, sim_staff(s, POST_WAITER), "table_set_status",
                  "{\"id\": %ld, \"status\": \"%s\"%s}", (long)p->table, status, notes) != NULL;
}

/* Whose reservation it was is done with before the table is anybody else's. */
static void party_leaves(struct sim *s, void *what) {
    struct party *p = what;
    if (p->reservation)
        sim_do(s, sim_staff(s, POST_DESK), "reservation_update",
               "{\"id\": %ld, \"status\": \"completed\"}", (long)p->reservation);
    if (session_at(s, p->table) == p->session && table_step(s, p, "available", "")) {
        sim_say(s, "table %ld leaves", (long)p->number);
        if (table_step(s, p, "maintenance", ", \"notes\": \"cleaning\""))
            party_in(s, p, sim_between(s, MINUTES(2), MINUTES(5)), table_is_clean);
    }
    party_done(p);
}

static void table_is_clean(struct sim *s, void *what) {
    struct party *p = what;
    if (table_step(s, p, "available", ""))
        sim_say(s, "table %ld is clean", (long)p->number);
    party_done(p);
}

/* ---------------------------------------------------------------- what is there already */

/* Copied from an answer before the next call takes it away. */
#define TABLES_MAX 200
#define UNDER_WAY  "pending,confirmed,preparing,ready"

static int tables_with(struct sim *s, const char *status, struct party **out) {
    const struct json *list = sim_do(s, sim_staff(s, POST_DESK), "table_list",
                                     "{\"status\": \"%s\", \"limit\": 200}", status);
    const struct json *items = json_get(list, "items");
    int n = 0;
    for (size_t i = 0; i < json_length(items) && n < TABLES_MAX; i++) {
        const struct json *t = json_at(items, i), *session = json_get(t, "session");
        if (str_eq(status, "maintenance") && !str_eq(sim_text(t, "notes"), "cleaning"))
            continue;
        out[n] = party_new(sim_int(t, "id"), sim_int(t, "number"),
                           (int)sim_int(session, "guests_count"));
        out[n++]->session = sim_int(session, "id");
    }
    return n;
}

static void sitting_adopt(struct sim *s, struct party *p) {
    const struct json *list =
        sim_do(s, sim_staff(s, POST_WAITER), "order_list",
               "{\"session\": %ld, \"status\": \"" UNDER_WAY "\"}", (long)p->session);
    p->rounds = 1;
    for (size_t i = 0; i < json_length(list); i++)
        ticket_adopt(s, p, json_at(list, i), i > 0);
    if (json_length(list) == 0)
        party_in(s, p, sim_between(s, MINUTES(1), MINUTES(15)), party_asks_for_bill);
}

static void takeaways_adopt(struct sim *s) {
    const struct json *list = sim_do(s, sim_staff(s, POST_WAITER), "order_list",
                                     "{\"status\": \"" UNDER_WAY "\", \"limit\": 200}");
    for (size_t i = 0; i < json_length(list); i++)
        if (!sim_int(json_at(list, i), "session_id"))
            ticket_adopt(s, NULL, json_at(list, i), false);
}

bool sim_service_begin(struct sim *s) {
    struct party *found[TABLES_MAX];
    const struct json *all = sim_do(s, sim_staff(s, POST_DESK), "table_list", "{\"limit\": 1}");
    int64_t tables = sim_int(all, "total");
    if (tables == 0 || !ticket_menu_begin(s))
        return false;
    int n = tables_with(s, "occupied", found);
    for (int i = 0; i < n; i++)
        sitting_adopt(s, found[i]);
    n = tables_with(s, "maintenance", found);
    for (int i = 0; i < n; i++)
        party_in(s, found[i], sim_between(s, 30, MINUTES(5)), table_is_clean);
    takeaways_adopt(s);
    arrivals_begin(s, tables);
    sim_in(s, sim_gap(s, MINUTES(15)), ticket_takeaway, NULL);
    return true;
}

void sim_service_end(struct sim *s) {
    ticket_menu_restore(s);
}
