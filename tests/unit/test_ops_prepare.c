/* test_ops_prepare.c - every op against the migrated schema: its statement can be prepared, a login
 * role may execute what it calls, and the areas have the numbers of table feed.area. */
#include <config.h>

#include "unit.h"

#include "pgtest.h"

static void prepare(const struct op *op, bool keyed) {
    struct str text = STR_INIT;
    const char *types[OP_ARGS_MAX + 4];
    op_sql(op, keyed, &text);
    PGresult *res = PQprepare(meddler, "", str_c(&text), 0, NULL);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", op->name, PQerrorMessage(meddler));
    PQclear(res);
    res = PQdescribePrepared(meddler, "");
    assert_int_equal(PQnparams(res), op_params(op, keyed, types));
    assert_int_equal(PQnfields(res), 6);
    static const char *const columns[] = {"status",   "body",     "total",
                                          "location", "position", "areas"};
    for (int i = 0; i < 6; i++)
        assert_string_equal(PQfname(res, i), columns[i]);
    for (int i = 0; i < PQnparams(res); i++) { /* the cast names the type that the server took */
        char question[160];
        snprintf(question, sizeof question, "select (%u = '%s'::regtype)::int", PQparamtype(res, i),
                 types[i]);
        if (sql(question) != 1)
            fail_msg("%s: parameter %d is no %s", op->name, i + 1, types[i]);
    }
    PQclear(res);
    str_free(&text);
}

static void test_every_op_prepares(void **s) {
    (void)s;
    for (const struct op *const *op = op_all(); *op; op++) {
        prepare(*op, false);
        if ((*op)->write)
            prepare(*op, true);
    }
}

static void test_roles_may_execute(void **s) {
    (void)s;
    for (const struct op *const *op = op_all(); *op; op++) {
        bool ours = str_eq((*op)->name, "channel_snapshot") ||
                    str_starts((*op)->name, "live_") || str_starts((*op)->name, "socket_");
        const char *role = ours ? "maitred_realtime" : "maitred_rest";
        char question[240];
        snprintf(question, sizeof question,
                 "select bool_and(has_function_privilege('%s', oid, 'execute'))::int from pg_proc"
                 " where pronamespace = 'api'::regnamespace and proname = '%s'",
                 role, (*op)->function);
        if (sql(question) != 1)
            fail_msg("%s may not execute %s", role, (*op)->function);
    }
}

/* A read that is cached by position must be one snapshot; what has no areas is never cached. */
static void test_writes_are_volatile_and_cached_reads_are_not(void **s) {
    (void)s;
    for (const struct op *const *op = op_all(); *op; op++) {
        char question[200];
        if (!(*op)->write && !(*op)->areas)
            continue;
        snprintf(question, sizeof question,
                 "select count(*) from pg_proc where pronamespace = 'api'::regnamespace"
                 " and proname = '%s' and provolatile = '%c'",
                 (*op)->function, (*op)->write ? 'v' : 's');
        if (sql(question) != 1)
            fail_msg("%s is %s", (*op)->name,
                     (*op)->write ? "a write but not volatile" : "a read but not stable");
    }
}

static void test_areas_have_their_numbers(void **s) {
    (void)s;
    assert_int_equal(sql("select count(*) from feed.area"), AREA_COUNT - 1);
    for (int area = AREA_NONE + 1; area < AREA_COUNT; area++) {
        char question[100];
        snprintf(question, sizeof question, "select no from feed.area where name = '%s'",
                 area_name((enum area)area));
        assert_int_equal(sql(question), area);
    }
}

/* What a function reaches, itself or through others, found in their texts. */
#define REACHED                                                                                    \
    "with recursive thing (name, src) as ("                                                        \
    " select (p.pronamespace::regnamespace || '.' || proname) collate \"default\","                \
    "  prosrc || coalesce(pg_get_functiondef(p.oid), '') from pg_proc p"                           \
    "  where pronamespace in ('api'::regnamespace, 'maitred'::regnamespace) and prokind = 'f'"     \
    " union all select (c.relnamespace::regnamespace || '.' || relname) collate \"default\","      \
    "  case when relkind = 'v' then pg_get_viewdef(c.oid) else '' end from pg_class c"             \
    "  where relnamespace = 'maitred'::regnamespace and relkind in ('r', 'v')),"                   \
    " said (a, b) as (select distinct name, (regexp_matches(src,"                                  \
    "  '(?:maitred|api)\\.[a-z_0-9]+', 'g'))[1] collate \"default\" from thing),"                  \
    " reached (name) as (select 'api.%s'::text union"                                              \
    "  select b from reached join said on a = name where b in (select name from thing))"

/* The tables that it reads, and the area that a change of each moves. Payments move their order's,
 * reservation's or booking's; of the sums (rollup), the kinds that are said on the way to them. */
#define TABLES_READ                                                                                \
    REACHED                                                                                        \
    ", area_of (tab, area) as (values ('dining_table', 'tables'), ('table_session', 'tables'),"    \
    "  ('floor', 'tables'), ('customer_order', 'orders'), ('order_item', 'orders'),"               \
    "  ('reservation', 'reservations'), ('booking', 'bookings'), ('room_type_night', 'bookings')," \
    "  ('room', 'rooms'), ('room_type', 'rooms'), ('menu_item', 'menu'),"                          \
    "  ('menu_category', 'menu'), ('customer', 'customers'), ('notification', 'notifications'),"   \
    "  ('service_request', 'notifications'), ('account', 'accounts'), ('api_key', 'accounts'),"    \
    "  ('revoked_token', 'accounts'), ('venue', 'venue')),"                                        \
    " sums (kind, area) as (values ('reservation', 'reservations'), ('arrival', 'bookings'),"      \
    "  ('night', 'bookings'), ('order', 'orders'), ('table', 'orders'), ('line', 'orders')),"      \
    " read (area) as (select area from reached join area_of on name = 'maitred.' || tab union"     \
    "  select area from reached join thing using (name) join sums"                                 \
    "   on src ~ ('maitred[.]rollup_(days|count)[(][^'']*, ''' || kind || '''')"                   \
    "   or (name = 'maitred.visit_kind' and strpos(src, '''' || kind || '''') > 0))"               \
    " select coalesce(sum(distinct 1 << f.no), 0) from read join feed.area f on f.name = "         \
    "read.area"

/* An area too few is a stale 304, one too many a needless query: they must be just those. */
static void test_areas_are_those_that_are_read(void **s) {
    (void)s;
    for (const struct op *const *op = op_all(); *op; op++) {
        char question[4096];
        if ((*op)->write || !(*op)->areas)
            continue;
        snprintf(question, sizeof question, TABLES_READ, (*op)->function);
        unsigned read = (unsigned)sql(question);
        for (int area = AREA_NONE + 1; area < AREA_COUNT; area++) {
            unsigned bit = AREA_BIT(area);
            if ((read & bit) != ((*op)->areas & bit))
                fail_msg("%s: area %s is %s", (*op)->name, area_name((enum area)area),
                         read & bit ? "read but not named" : "named but not read");
        }
    }
}

/* 2 when it looks at the caller's account or name, 1 when at the role. */
#define CALLER_READ                                                                                \
    REACHED                                                                                        \
    " select coalesce(max(case when src ~ 'caller\\)?\\.(account|name)\\M' then 2"                 \
    "  when src ~ 'caller\\)?\\.role\\M' then 1 end), 0) from reached join thing using (name)"

/* Kept answers are shared by all whom the row calls alike: one that is not must say so. */
static void test_answers_vary_as_the_row_says(void **s) {
    (void)s;
    for (const struct op *const *op = op_all(); *op; op++) {
        char question[4096];
        if ((*op)->write || !(*op)->areas || (*op)->cap == CAP_ANYONE)
            continue;
        snprintf(question, sizeof question, CALLER_READ, (*op)->function);
        if (sql(question) > (long)(*op)->varies)
            fail_msg("%s looks at the caller's account or role, and its row does not say .varies",
                     (*op)->name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_op_prepares),
        cmocka_unit_test(test_roles_may_execute),
        cmocka_unit_test(test_writes_are_volatile_and_cached_reads_are_not),
        cmocka_unit_test(test_areas_have_their_numbers),
        cmocka_unit_test(test_areas_are_those_that_are_read),
        cmocka_unit_test(test_answers_vary_as_the_row_says),
    };
    return cmocka_run_group_tests_name("ops against the schema", tests, meddler_open,
                                       meddler_close);
}
