/* pgtest.h - what the tests with a database share: ops on the functions of unit.sql, and a second
 * connection to look and to meddle with. The database is named by the PG* variables. */
#ifndef TESTS_UNIT_PGTEST_H
#define TESTS_UNIT_PGTEST_H

#include "base/mem.h"
#include "data/op.h"

#include <libpq-fe.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct arg text_arg[] = {{.name = "text", .type = ARG_TEXT, .place = IN_BODY}, {0}};
static const struct arg n_arg[] = {{.name = "n", .type = ARG_INT, .place = IN_BODY, .max = INT_MAX},
                                   {0}};
static const struct arg flaky_args[] = {
    {.name = "how", .type = ARG_TEXT, .place = IN_BODY},
    {.name = "times", .type = ARG_INT, .place = IN_BODY, .max = 99},
    {0},
};
static const struct op unit_echo = {
    .name = "unit_echo", .function = "unit_echo", .status = 200, .args = text_arg};
static const struct op unit_write = {
    .name = "unit_write", .function = "unit_write", .write = true, .status = 200, .args = n_arg};
static const struct op unit_fail = {
    .name = "unit_fail", .function = "unit_fail", .write = true, .status = 200, .args = text_arg};
static const struct op unit_flaky_write = {.name = "unit_flaky_write",
                                           .function = "unit_flaky",
                                           .write = true,
                                           .status = 200,
                                           .args = flaky_args};
static const struct op unit_sleep = {
    .name = "unit_sleep",
    .function = "unit_sleep",
    .status = 200,
    .args = (const struct arg[]){
        {.name = "seconds", .type = ARG_MONEY, .place = IN_BODY, .max = 99}, {0}}};

static PGconn *meddler;

static inline int meddler_open(void **s) {
    (void)s;
    meddler = PQconnectdb("application_name=meddler");
    if (PQstatus(meddler) != CONNECTION_OK) {
        fprintf(stderr, "# no database: %s", PQerrorMessage(meddler));
        return -1;
    }
    return 0;
}

static inline int meddler_close(void **s) {
    (void)s;
    PQfinish(meddler);
    return 0;
}

/* The first value of a query as a number. */
static inline long sql(const char *text) {
    PGresult *res = PQexec(meddler, text);
    ExecStatusType status = PQresultStatus(res);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        fail_msg("%s: %s", text, PQerrorMessage(meddler));
    long n = PQntuples(res) ? atol(PQgetvalue(res, 0, 0)) : 0;
    PQclear(res);
    return n;
}

#endif
