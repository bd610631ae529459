/* sim_tickets.c - the orders of `maitred simulate`: placed by guests or waiters, confirmed, cooked
 * line by line, served, paid; and dishes that run out and come back.
 *
 * A ticket is one order on its way. It takes its steps in the names of those whose they are: the
 * waiter confirms and serves, the kitchen cooks, whoever is at the till takes the money.
 */
#include "config.h"

#include "sim_service.h"

#include <stdio.h>
#include <string.h>

#define DISHES_MAX 200
#define LINES_MAX  32

struct ticket {
    struct party *party; /* NULL: to take away */
    int64_t order;
    int stage;   /* row of stages[] that comes next; STAGES: to be paid; more: nothing */
    bool beside; /* the party has another one: what comes after follows from that */
};

static struct {
    int64_t dish[DISHES_MAX];
    int n;
    bool stale;
    int64_t out[DISHES_MAX]; /* those that we have taken off */
    int nout;
} menu;

static sim_step ticket_step;

/* ---------------------------------------------------------------- the menu */

static void menu_read(struct sim *s) {
    const struct json *list = sim_do(s, sim_staff(s, POST_WAITER), "menu_item_list",
                                     "{\"available\": true, \"limit\": %d}", DISHES_MAX);
    menu.n = 0;
    menu.stale = false;
    for (size_t i = 0; i < json_length(list) && menu.n < DISHES_MAX; i++)
        menu.dish[menu.n++] = sim_int(json_at(list, i), "id");
}

static void dish_set(struct sim *s, int64_t dish, bool available) {
    if (sim_do(s, sim_staff(s, POST_KITCHEN), "menu_item_availability",
               "{\"id\": %ld, \"available\": %s}", (long)dish, available ? "true" : "false"))
        menu.stale = true;
}

static void dish_is_back(struct sim *s, void *what) {
    (void)what;
    if (menu.nout == 0)
        return;
    dish_set(s, menu.out[0], true);
    memmove(menu.out, menu.out + 1, (size_t)--menu.nout * sizeof *menu.out);
    sim_say(s, "a dish is back on the menu");
}

/* Never the last ones. */
static void dish_runs_out(struct sim *s, void *what) {
    sim_in(s, sim_gap(s, MINUTES(40)), dish_runs_out, what);
    if (menu.stale)
        menu_read(s);
    if (menu.n < 4)
        return;
    int64_t dish = menu.dish[sim_below(s, menu.n)];
    dish_set(s, dish, false);
    menu.out[menu.nout++] = dish;
    sim_say(s, "a dish has run out");
    sim_in(s, sim_between(s, MINUTES(10), MINUTES(30)), dish_is_back, NULL);
}

void ticket_menu_restore(struct sim *s) {
    for (int i = 0; i < menu.nout; i++)
        dish_set(s, menu.out[i], true);
    menu.nout = 0;
}

/* ---------------------------------------------------------------- placing */

static void items_put(struct sim *s, struct str *body, int lines) {
    static const char *const notes[] = {"", "", "", "", "no onions", "well done", "gluten-free"};
    str_puts(body, "\"items\": [");
    for (int i = 0; i < lines; i++) {
        const char *note = notes[sim_below(s, 7)];
        int quantity = sim_chance(s, 80) ? 1 : 2;
        str_printf(body, "%s{\"menu_item_id\": %ld, \"quantity\": %d", i ? ", " : "",
                   (long)menu.dish[sim_below(s, menu.n)], quantity);
        if (*note)
            str_printf(body, ", \"notes\": \"%s\"", note);
        str_putc(body, '}');
    }
    str_putc(body, ']');
}

/* The order's id, 0 when it was refused (a dish has run out meanwhile, the table was closed). */
static int64_t order_place(struct sim *s, const struct principal *who, const char *more,
                           int lines) {
    struct str body = STR_INIT;
    if (menu.stale)
        menu_read(s);
    if (menu.n == 0)
        return 0;
    str_printf(&body, "{%s", more);
    items_put(s, &body, lines);
    str_putc(&body, '}');
    const struct json *order = sim_do(s, who, "order_create", "%s", str_c(&body));
    if (!order)
        menu.stale = true;
    str_free(&body);
    return sim_int(order, "id");
}

static struct ticket *ticket_open(struct sim *s, struct party *p, int64_t order, int stage,
                                  int64_t in) {
    struct ticket *t = x_alloc(sizeof *t);
    *t = (struct ticket){p, order, stage, false};
    if (p)
        p->pending++;
    sim_in(s, in, ticket_step, t);
    return t;
}

void party_orders(struct sim *s, void *what) {
    struct party *p = what;
    struct principal guest = sim_guest(s, p->session);
    char session[48];
    snprintf(session, sizeof session, "\"session_id\": %ld, ", (long)p->session);
    bool own = sim_chance(s, 35);
    int lines = p->guests + sim_below(s, 3);
    if (p->rounds > 0)
        lines = 1 + p->guests / 2;
    int64_t order = order_place(s, own ? &guest : sim_staff(s, POST_WAITER), session,
                                lines < LINES_MAX ? lines : LINES_MAX);
    if (order) {
        p->rounds++;
        sim_say(s, "table %ld orders%s: %d lines", (long)p->number, own ? " by telephone" : "",
                lines);
        ticket_open(s, p, order, 0, sim_between(s, 30, MINUTES(2)));
    } else if (++p->rounds < 4) {
        party_in(s, p, MINUTES(2), party_orders);
    } else {
        party_in(s, p, MINUTES(2), party_asks_for_bill);
    }
    party_done(p);
}

void ticket_takeaway(struct sim *s, void *what) {
    char name[64], more[128];
    sim_in(s, sim_gap(s, MINUTES(12)), ticket_takeaway, what);
    sim_guest_name(s, name, sizeof name);
    snprintf(more, sizeof more, "\"customer_name\": \"%s\", \"estimated_time\": %d, ", name,
             sim_between(s, 2, 5) * 5);
    int lines = sim_between(s, 1, 4);
    int64_t order = order_place(s, sim_staff(s, POST_DESK), more, lines);
    if (!order)
        return;
    sim_say(s, "%s orders to take away", name);
    ticket_open(s, NULL, order, 0, sim_between(s, 30, 90));
}

/* ---------------------------------------------------------------- its way */

/* What comes after which: the status that is reached, who sets it, how long it takes until the
 * next. */
static const struct stage {
    const char *status;
    enum post who;
    int least, most;
    const char *lines; /* all lines get there too, in the same name; before the order itself */
} stages[] = {
    {"confirmed", POST_WAITER, 30, MINUTES(3), NULL},
    {"preparing", POST_KITCHEN, MINUTES(6), MINUTES(16), "preparing"},
    {"ready", POST_KITCHEN, 30, MINUTES(3), "ready"},
    {"served", POST_WAITER, MINUTES(8), MINUTES(20), "served"},
};
#define STAGES (int)(sizeof stages / sizeof *stages)

void ticket_adopt(struct sim *s, struct party *p, const struct json *order, bool beside) {
    int stage = 0;
    for (int i = 0; i < STAGES; i++)
        if (str_eq(stages[i].status, sim_text(order, "order_status")))
            stage = i + 1;
    require(stage < STAGES);
    ticket_open(s, p, sim_int(order, "id"), stage, sim_between(s, 20, MINUTES(8)))->beside = beside;
}

/* One line in forty is sent back before it is cooked. */
static void lines_step(struct sim *s, const struct ticket *t, const struct stage *stage) {
    int64_t line[LINES_MAX];
    int n = 0;
    const struct json *order =
        sim_do(s, sim_staff(s, stage->who), "order_get", "{\"id\": %ld}", (long)t->order);
    const struct json *items = json_get(order, "items");
    for (size_t i = 0; i < json_length(items) && n < LINES_MAX; i++)
        if (!str_eq(sim_text(json_at(items, i), "status"), "void") &&
            !str_eq(sim_text(json_at(items, i), "status"), stage->lines))
            line[n++] = sim_int(json_at(items, i), "id");
    for (int i = 0; i < n; i++) {
        bool back = n > 1 && t->stage == 1 && sim_chance(s, 3);
        sim_do(s, sim_staff(s, back ? POST_WAITER : stage->who), "order_line",
               "{\"id\": %ld, \"itemId\": %ld, \"status\": \"%s\"}", (long)t->order, (long)line[i],
               back ? "void" : stage->lines);
    }
}

static void ticket_close(struct sim *s, struct ticket *t) {
    struct party *p = t->party;
    if (p) {
        if (!t->beside && p->rounds < 3 && sim_chance(s, 35))
            party_in(s, p, sim_between(s, MINUTES(1), MINUTES(10)), party_orders);
        else if (!t->beside)
            party_in(s, p, sim_between(s, 0, MINUTES(6)), party_asks_for_bill);
        party_done(p);
    } else if (t->stage == STAGES) {
        ticket_settle(s, t->order);
    }
    x_free(t);
}

static bool order_step(struct sim *s, const struct ticket *t, const char *status, enum post who) {
    bool done = sim_do(s, sim_staff(s, who), "order_status", "{\"id\": %ld, \"status\": \"%s\"}",
                       (long)t->order, status) != NULL;
    if (done && t->party)
        sim_say(s, "table %ld: order %s", (long)t->party->number, status);
    else if (done)
        sim_say(s, "to take away: order %s", status);
    return done;
}

/* A step that is refused was somebody else's: the order is over for us. */
static void ticket_step(struct sim *s, void *what) {
    struct ticket *t = what;
    if (t->stage >= STAGES) {
        ticket_close(s, t);
        return;
    }
    const struct stage *stage = &stages[t->stage];
    if (t->stage == 1 && sim_chance(s, 5)) {
        order_step(s, t, "cancelled", POST_WAITER);
        t->stage = STAGES + 1;
        sim_in(s, MINUTES(1), ticket_step, t);
        return;
    }
    if (stage->lines)
        lines_step(s, t, stage);
    bool done = order_step(s, t, stage->status, stage->who);
    t->stage = done ? t->stage + 1 : STAGES + 1;
    sim_in(s, sim_between(s, stage->least, stage->most), ticket_step, t);
}

/* ---------------------------------------------------------------- money */

static bool order_pay(struct sim *s, int64_t order, const char *amount) {
    static const char *const methods[] = {"card", "card", "card", "cash", "mobile"};
    const char *method = methods[sim_below(s, 5)];
    return sim_do(s, sim_staff(s, POST_WAITER), "order_pay", "{\"id\": %ld, \"method\": \"%s\"%s}",
                  (long)order, method, amount) != NULL;
}

/* One bill in six is paid in two parts. */
void ticket_settle(struct sim *s, int64_t order) {
    bool parts = sim_chance(s, 16);
    if (parts)
        order_pay(s, order, ", \"amount\": 1");
    order_pay(s, order, "");
    sim_do(s, sim_staff(s, POST_WAITER), "order_status", "{\"id\": %ld, \"status\": \"completed\"}",
           (long)order);
}

bool ticket_menu_begin(struct sim *s) {
    menu_read(s);
    if (menu.n == 0)
        return false;
    sim_in(s, sim_gap(s, MINUTES(40)), dish_runs_out, NULL);
    return true;
}
