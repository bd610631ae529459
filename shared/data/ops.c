/* ops.c - all rows of all areas as one list, for the dispatcher, OpenAPI, the docs and the tests.
 */
#include <config.h>

#include "data/ops.h"

#include "base/mem.h"

#include <pthread.h>

#define OPS_MAX 192

static const struct op *const areas[] = {
    ops_stats,  ops_reservations,  ops_rooms,    ops_menu,     ops_tables,  ops_table_steps,
    ops_orders, ops_notifications, ops_accounts, ops_realtime, ops_sockets,
};
static const struct op *all[OPS_MAX + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void collect(void) {
    int n = 0;
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
        for (const struct op *op = areas[i]; op->name; op++) {
            require(n < OPS_MAX);
            all[n++] = op;
        }
    }
}

const struct op *const *op_all(void) {
    pthread_once(&once, collect);
    return all;
}

const struct op *op_find(const char *name) {
    for (const struct op *const *op = op_all(); *op; op++) {
        if (str_eq((*op)->name, name))
            return *op;
    }
    return NULL;
}

bool op_knows(const struct op *op, enum arg_place place, const char *name) {
    for (const struct arg *arg = op->args; arg && arg->name; arg++) {
        if (arg->place == place &&
            (str_eq(arg->name, name) || (arg->alias && str_eq(arg->alias, name))))
            return true;
    }
    return false;
}
