/* sim_service.h - a party at a table, as sim_arrivals.c, sim_service.c and sim_tickets.c see it. */
#ifndef CLI_SIM_SERVICE_H
#define CLI_SIM_SERVICE_H

#include "sim.h"

/* From sitting down until the table is clean. Freed when nothing of it is to come any more. */
struct party {
    int pending; /* steps that are still to come, and open tickets */
    int64_t table, number, session, reservation;
    int64_t request; /* the guests' open call */
    int guests, rounds;
};

/* `step` comes later, with this party; it ends with party_done. */
void party_in(struct sim *s, struct party *p, int64_t seconds, sim_step *step);
void party_done(struct party *p);
struct party *party_new(int64_t table, int64_t number, int guests);
/* It sits, with a session; the rest follows. */
void party_begins(struct sim *s, struct party *p);
int64_t session_at(struct sim *s, int64_t table); /* 0: none */

/* Guests with and without reservations, as many as so many tables can take. */
void arrivals_begin(struct sim *s, int64_t tables);

/* Ordering at the table; `what` is a struct party. The bill follows when all is served. */
sim_step party_orders, party_asks_for_bill;
/* An order to take away, and one that is there already (`p` NULL: of no table; `beside`: one more).
 */
sim_step ticket_takeaway;
void ticket_adopt(struct sim *s, struct party *p, const struct json *order, bool beside);
/* Dishes run out and come back; ticket_menu_restore brings all back at once. False: no menu. */
bool ticket_menu_begin(struct sim *s);
void ticket_menu_restore(struct sim *s);
/* Pays and completes an order that is served. */
void ticket_settle(struct sim *s, int64_t order);

#endif
