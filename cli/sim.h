/* sim.h - what the parts of `maitred simulate` share: the queue of what is to come, chance, the
 * staff, and calls of ops in somebody's name.
 *
 * simulate.c is the command and paces the queue; sim.c is the machinery below; sim_arrivals.c is
 * who comes to a restaurant, sim_service.c its service, sim_tickets.c its orders, sim_hotel.c the
 * house. Time is the service's own, in whole seconds from 0; speed says how fast it passes. What
 * happens is drawn from the seed alone.
 */
#ifndef CLI_SIM_H
#define CLI_SIM_H

#include "cli.h"
#include "base/json.h"
#include "base/mem.h"
#include "data/db.h"

#define MINUTES(n) ((n)*60)
#define HOURS(n)   ((n)*3600)

struct sim;
typedef void sim_step(struct sim *s, void *what);

/* Who does it. A post that nobody has is an other one's: see sim_staff. */
enum post { POST_DESK, POST_WAITER, POST_KITCHEN, POST_MANAGER, POST_COUNT };

#define SIM_STAFF_MAX 16
#define SIM_OPS_MAX   48

struct sim_call { /* of one op: how often it was done, how often refused */
    const char *op;
    long done, refused;
};

struct sim {
    struct cli *cli;
    struct db *db;
    int64_t venue;
    const char *slug;
    struct principal staff[POST_COUNT][SIM_STAFF_MAX];
    int nstaff[POST_COUNT];
    double speed;
    int64_t now;
    uint64_t random;
    struct sim_item *queue; /* a heap */
    size_t len, cap;
    uint64_t number; /* of the next item: what is due at one moment keeps its order */
    struct sim_call calls[SIM_OPS_MAX];
    struct arena *mem;   /* of the call that runs */
    struct json *answer; /* of the last call */
    bool (*stopped)(struct sim *s);
    bool failed;
    struct err *e; /* why */
};

/* --- time and chance ------------------------------------------------------------------------- */

void sim_in(struct sim *s, int64_t seconds, sim_step *step, void *what);
/* The next item when it is due before `until`; false: there is none. */
bool sim_next(const struct sim *s, int64_t until, int64_t *at);
void sim_run_next(struct sim *s);
int sim_below(struct sim *s, int n);                 /* 0 .. n - 1 */
int sim_between(struct sim *s, int least, int most); /* both included */
bool sim_chance(struct sim *s, int percent);
int64_t sim_gap(struct sim *s, int64_t mean); /* seconds to the next of many, >= 1 */
const char *sim_guest_name(struct sim *s, char *buf, size_t cap);

/* --- doing ----------------------------------------------------------------------------------- */

const struct principal *sim_staff(struct sim *s, enum post post);
struct principal sim_guest(const struct sim *s, int64_t session);
/* Runs an op with a JSON object of arguments. Its answer, good until the next call; NULL when it
 * was refused, which may happen: people use the venue too. A database that is away is waited for.
 */
const struct json *sim_do(struct sim *s, const struct principal *who, const char *op,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A line of what happens, with the service's time. */
void sim_say(const struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

int64_t sim_int(const struct json *object, const char *key);      /* 0: not there */
const char *sim_text(const struct json *object, const char *key); /* "": not there */

void sim_close(struct sim *s);

/* --- the parts: each begins what there is to begin; false: there is nothing of it ------------- */

bool sim_service_begin(struct sim *s);
void sim_service_end(struct sim *s);
bool sim_hotel_begin(struct sim *s);

#endif
