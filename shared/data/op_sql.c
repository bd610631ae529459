/* op_sql.c - the one statement that an op is, its parameter types, and the caller's text form.
 *
 * Parameters get their types by casts in the text, so that values travel in text format and no OID
 * is known here. Called by db.c, dba.c and the test that prepares every op.
 */
#include <config.h>

#include "data/op.h"

#include "base/mem.h"

#include <string.h>

static const char *sql_type(const struct arg *arg) {
    switch (arg->type) {
    case ARG_INT:
        return arg->max > INT32_MAX ? "bigint" : "int";
    case ARG_ID:
        return "bigint";
    case ARG_BOOL:
        return "boolean";
    case ARG_DATE:
        return "date";
    case ARG_INSTANT:
        return "timestamptz";
    case ARG_MONEY:
        return "numeric";
    case ARG_ENUMS:
    case ARG_TEXTS:
        return "text[]";
    case ARG_OBJECT:
    case ARG_ARRAY:
        return "jsonb";
    case ARG_IDS:
        return "bigint[]";
    default:
        return "text";
    }
}

/* api.F($1::api.caller, $n::T, ...) */
static void put_call(const struct op *op, int first, struct str *out) {
    str_printf(out, "api.%s($1::api.caller", op->function);
    for (const struct arg *arg = op->args; arg && arg->name; arg++)
        str_printf(out, ", $%d::%s", first++, sql_type(arg));
    str_putc(out, ')');
}

static void put_keyed(const struct op *op, struct str *out) {
    str_puts(out,
             "select (x.a).status, (x.a).body, (x.a).total, (x.a).location, p.position, p.areas"
             " from (select case when t.fresh then"
             " api.idempotency_keep($1::api.caller, $2::text, ");
    put_call(op, 5, out);
    /* offset 0 keeps the planner from flattening the query and so from calling F more than once. */
    str_puts(
        out,
        ") else t.answer end as a"
        " from api.idempotency_take($1::api.caller, $2::text, $3::text, $4::text) t offset 0) x,"
        " lateral api.position_after($1::api.caller, (x.a).position) p");
}

void op_sql(const struct op *op, bool keyed, struct str *out) {
    if (keyed) {
        put_keyed(op, out);
        return;
    }
    str_puts(out, "select a.status, a.body, a.total, a.location, p.position, p.areas from ");
    put_call(op, 2, out);
    str_puts(out, op->write ? " a, lateral api.position_after($1::api.caller, a.position) p"
                            : " a, api.position($1::api.caller) p");
}

int op_params(const struct op *op, bool keyed, const char *types[OP_ARGS_MAX + 4]) {
    int n = 0;
    types[n++] = "api.caller";
    for (int i = 0; keyed && i < 3; i++)
        types[n++] = "text";
    for (const struct arg *arg = op->args; arg && arg->name; arg++) {
        require(n < OP_ARGS_MAX + 4);
        types[n++] = sql_type(arg);
    }
    return n;
}

/* A composite literal's member: quoted, with quotes and backslashes doubled (PostgreSQL 8.16.2). */
static void put_member(struct str *out, const char *text) {
    if (!*text)
        return; /* nothing at all is the null */
    str_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_putc(out, *text);
        str_putc(out, *text);
    }
    str_putc(out, '"');
}

static void put_number(struct str *out, int64_t n) {
    str_putc(out, ',');
    if (n)
        str_put_int(out, n);
}

const char *op_caller(const struct principal *p, struct arena *a) {
    if (!p)
        return "(,,,,,,)";
    struct str s = STR_INIT;
    str_putc(&s, '(');
    if (p->venue)
        str_put_int(&s, p->venue);
    put_number(&s, p->account);
    str_putc(&s, ',');
    put_member(&s, p->name);
    str_putc(&s, ',');
    str_puts(&s, p->role == ROLE_NONE ? "" : role_name(p->role));
    put_number(&s, p->session);
    put_number(&s, p->order);
    str_puts(&s, role_masked(p->role) ? ",t)" : ",f)");
    const char *text = arena_strndup(a, str_c(&s), s.len);
    str_free(&s);
    return text;
}
