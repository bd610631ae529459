/* import.c - maitred import bookings|orders|menu: real CSV exports into a venue.
 *
 * One transaction for the whole set of files: staging tables (import.begin), COPY, one set-based
 * function that judges and stores (sql/import), the rejects to a file, commit. Whatever fails or
 * is killed on the way leaves nothing behind. A second run finds every row by its external
 * reference and adds nothing. A new kind of export is a row of `kinds` and a function.
 */
#include "config.h"

#include "cli.h"
#include "import_copy.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILES_MAX 4

static struct {
    const char *venue, *encoding, *shift, *rejects, *role, *hotel, *rooms;
    const char *orders, *details, *pizzas, *types;
    bool dry_run;
} o;

#define COMMON_OPTS \
    {"venue", OPT_TEXT, &o.venue, "SLUG", "the venue that gets the data (needed)"}, \
    {"encoding", OPT_TEXT, &o.encoding, "NAME", \
     "of the files (default: UTF-8); auto: UTF-8, and Windows-1252 for lines that are not"}, \
    {"rejects", OPT_TEXT, &o.rejects, "FILE", "write rows that are refused there, with the reason"}, \
    {"role", OPT_TEXT, &o.role, "ROLE", "database role (default: maitred_job)"}, \
    {"dry-run", OPT_FLAG, &o.dry_run, NULL, "do it all, report, and undo it"}
#define SHIFT_OPT \
    {"shift-to-today", OPT_MAYBE, &o.shift, "DATE", \
     "move all dates by whole weeks, so that the last day (or DATE) is today or this week"}
#define PIZZA_OPTS \
    {"pizzas", OPT_TEXT, &o.pizzas, "FILE", "priced variants (PizzaID, PizzaTypeID, Size, Price)"}, \
    {"types", OPT_TEXT, &o.types, "FILE", "the menu (PizzaTypeID, Name, Category, Ingredients)"}

static const struct opt booking_opts[] = {
    COMMON_OPTS, SHIFT_OPT,
    {"hotel", OPT_TEXT, &o.hotel, "NAME", "only the rows of this hotel (default: all)"},
    {"rooms", OPT_TEXT, &o.rooms, "A=40,B=3", "rooms of a type (default: its fullest night)"},
    {0},
};
static const struct opt order_opts[] = {
    COMMON_OPTS, SHIFT_OPT,
    {"orders", OPT_TEXT, &o.orders, "FILE", "orders (OrderID, Date, Time)"},
    {"details", OPT_TEXT, &o.details, "FILE", "lines (OrderDetailsID, OrderID, PizzaID, Quantity)"},
    PIZZA_OPTS,
    {0},
};
static const struct opt menu_opts[] = {COMMON_OPTS, PIZZA_OPTS, {0}};

static const char *const booking_columns[] = {
    "hotel", "lead_time", "arrival_date_year", "arrival_date_month", "arrival_date_day_of_month",
    "stays_in_weekend_nights", "stays_in_week_nights", "adults", "children", "babies",
    "market_segment", "distribution_channel", "is_repeated_guest", "reserved_room_type",
    "assigned_room_type", "deposit_type", "adr", "reservation_status", "reservation_status_date",
    NULL};
static const char *const order_columns[] = {"OrderID", "Date", "Time", NULL};
static const char *const detail_columns[] = {"OrderDetailsID", "OrderID", "PizzaID", "Quantity", NULL};
static const char *const pizza_columns[] = {"PizzaID", "PizzaTypeID", "Size", "Price", NULL};
static const char *const type_columns[] = {"PizzaTypeID", "Name", "Category", "Ingredients", NULL};

struct import_kind {
    const char *name, *statement;
    int nfiles;
    struct {
        struct import_file file;
        const char **path; /* where the option's value is; NULL: the operand */
    } files[FILES_MAX];
};

#define TYPES_FILE  {{"types", "import_types", type_columns}, &o.types}
#define PIZZAS_FILE {{"pizzas", "import_pizzas", pizza_columns}, &o.pizzas}

static const struct import_kind kinds[] = {
    {"bookings", "select * from import.bookings($1, $2::jsonb)", 1,
     {{{NULL, "import_bookings", booking_columns}, NULL}}},
    {"orders", "select * from import.orders($1, $2::jsonb)", 4,
     {TYPES_FILE, PIZZAS_FILE, {{"orders", "import_orders", order_columns}, &o.orders},
      {{"details", "import_details", detail_columns}, &o.details}}},
    {"menu", "select * from import.menu($1, $2::jsonb)", 2, {TYPES_FILE, PIZZAS_FILE}},
};

static bool given(const struct import_kind *k, char **operands, struct err *e) {
    if (!o.venue)
        return err_set(e, ERR_MISSING_FIELD, "--venue is needed");
    for (int i = 0; i < k->nfiles; i++)
        if (k->files[i].path && !*k->files[i].path)
            return err_set(e, ERR_MISSING_FIELD, "--%s is needed", k->files[i].file.option);
        else if (!k->files[i].path && !operands[0])
            return err_set(e, ERR_MISSING_FIELD, "the file is needed");
    return true;
}

static void member_put(struct str *json, const char *key, const char *value) {
    if (!value)
        return;
    str_putc(json, json->len ? ',' : '{');
    json_put_string(json, key);
    str_putc(json, ':');
    json_put_string(json, value);
}

static void options_put(struct str *json) {
    member_put(json, "shift", o.shift);
    member_put(json, "hotel", o.hotel);
    member_put(json, "rooms", o.rooms);
    str_puts(json, json->len ? "}" : "{}");
}

static bool files_stage(struct cli *c, const struct import_kind *k, char **operands, struct err *e) {
    for (int i = 0; i < k->nfiles; i++) {
        const char *path = k->files[i].path ? *k->files[i].path : operands[0];
        const char *slash = strrchr(path, '/');
        struct progress progress;
        struct import_counts counts;
        progress_begin(&progress, c->quiet, slash ? slash + 1 : path);
        if (!import_copy(c->pg, &k->files[i].file, path, o.encoding ? o.encoding : "UTF-8",
                         &progress, &counts, e))
            return false;
        progress_end(&progress, counts.rows);
        if (counts.guessed)
            cli_say(c, "%s: %ld lines were not UTF-8 and are read as Windows-1252", path,
                    counts.guessed);
    }
    return true;
}

static void csv_put(FILE *out, const char *text, char end) {
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
    fputc(end, out);
}

/* The name that a staging table's file was given by. */
static const char *file_of(const struct import_kind *k, char **operands, const char *table) {
    for (int i = 0; i < k->nfiles; i++)
        if (str_eq(k->files[i].file.table, table))
            return k->files[i].path ? *k->files[i].path : operands[0];
    return table;
}

static bool rejects_write(const struct import_kind *k, char **operands, const struct pg_rows *rows,
                          const char *path, struct err *e) {
    FILE *out = fopen(path, "we");
    if (!out)
        return err_set(e, ERR_INVALID_REQUEST, "%s: %s", path, strerror(errno));
    fputs("file,line,reason\n", out);
    for (int r = 0; r < rows->n; r++) {
        csv_put(out, file_of(k, operands, pg_value(rows, r, 0)), ',');
        fprintf(out, "%s,", pg_value(rows, r, 1));
        csv_put(out, pg_value(rows, r, 2), '\n');
    }
    bool good = !ferror(out);
    good = fclose(out) == 0 && good;
    return good ? true : err_set(e, ERR_INVALID_REQUEST, "%s can't be written", path);
}

/* The file appears under its name only with the commit: reasons of an import that did not
 * happen would mislead. */
static bool finish(struct cli *c, const struct import_kind *k, char **operands,
                   const struct pg_rows *rejects, struct err *e) {
    struct str partial = STR_INIT;
    const char *end = o.dry_run ? "rollback" : "commit";
    bool good;
    if (!o.rejects)
        return pg_do(c->pg, end, e);
    str_printf(&partial, "%s.part", o.rejects);
    good = rejects_write(k, operands, rejects, str_c(&partial), e) && pg_do(c->pg, end, e);
    if (good && rename(str_c(&partial), o.rejects) != 0)
        good = err_set(e, ERR_INTERNAL, "%s: %s (the import itself is done)", o.rejects,
                       strerror(errno));
    if (!good)
        remove(str_c(&partial));
    str_free(&partial);
    return good;
}

static void report(struct cli *c, const struct pg_rows *figures, const struct pg_rows *rejects,
                   uint64_t begun) {
    for (int r = 0; r < figures->n; r++)
        cli_say(c, "%-28s %s", pg_value(figures, r, 0), pg_value(figures, r, 1));
    cli_say(c, "%-28s %d%s%s", "rejected rows", rejects->n, rejects->n && o.rejects ? ": see " : "",
            rejects->n && o.rejects ? o.rejects : "");
    cli_say(c, "%s in %.1f s", o.dry_run ? "tried (and undone)" : "imported",
            (double)(clock_mono_ms() - begun) / 1000);
}

static bool store(struct cli *c, const struct import_kind *k, char **operands, uint64_t begun,
                  struct err *e) {
    struct pg_rows figures, rejects;
    struct str options = STR_INIT;
    options_put(&options);
    const char *values[] = {o.venue, str_c(&options)};
    bool good = pg_call(c->pg, k->statement, 2, values, &figures, e);
    str_free(&options);
    if (!good)
        return false;
    good = pg_call(c->pg, "select * from import.rejects()", 0, NULL, &rejects, e);
    if (good) {
        good = finish(c, k, operands, &rejects, e);
        if (good)
            report(c, &figures, &rejects, begun);
        pg_rows_free(&rejects);
    }
    pg_rows_free(&figures);
    return good;
}

static bool run(struct cli *c, char **operands, int n, struct err *e) {
    const struct import_kind *k = kinds;
    uint64_t begun = clock_mono_ms();
    (void)n;
    while (!str_eq(k->name, c->command->name + strlen("import ")))
        k++;
    const char *values[] = {k->name, o.venue};
    return given(k, operands, e) && cli_connect(c, o.role ? o.role : "maitred_job", e) &&
           /* A killed import is noticed by the server at once, not at its next answer. */
           pg_do(c->pg, "set client_connection_check_interval = '1s'", e) &&
           pg_do(c->pg, "begin", e) &&
           pg_run(c->pg, "select import.begin($1, $2)", 2, values, e) &&
           files_stage(c, k, operands, e) && store(c, k, operands, begun, e);
}

#define ABOUT_ALL \
    "Files may be gzip or plain. All rows are stored, or none; rows that make no sense are left\n" \
    "out, counted and named with the reason. Running it again adds nothing."

const struct command command_import_bookings = {
    "import bookings", "FILE", 1, 1, "Hotel bookings into room types, rooms, guests and bookings.",
    ABOUT_ALL, booking_opts, run};
const struct command command_import_orders = {
    "import orders", "", 0, 0, "Orders with their lines, payments and menu.", ABOUT_ALL, order_opts,
    run};
const struct command command_import_menu = {
    "import menu", "", 0, 0, "Menu categories and items only.", ABOUT_ALL, menu_opts, run};
