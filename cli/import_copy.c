/* import_copy.c - reads a CSV file and COPYs its rows, as text, into a staging table.
 *
 * Called by import.c, once a file, inside its transaction. Judges nothing but the shape of a record;
 * what the fields mean is decided in sql/import, for all rows at once.
 */
#include "config.h"

#include "csvfile.h"
#include "import_copy.h"
#include "base/mem.h"

#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 40
#define SEND_BYTES  65536

struct copier {
    struct pg *pg;
    const struct import_file *file;
    struct source *source;
    struct progress *progress;
    struct str out;
    int place[COLUMNS_MAX]; /* of each needed column in the record */
    int fields;             /* of the header; 0: not seen yet */
    long rows;
};

static int place_find(const struct csv_record *header, const char *column) {
    for (int i = 0; i < header->n && i < CSV_FIELDS_MAX; i++)
        if (strcasecmp(header->field[i], column) == 0)
            return i;
    return -1;
}

static bool header_read(struct copier *c, const struct csv_record *header, struct err *e) {
    struct str missing = STR_INIT;
    c->fields = header->n;
    for (int i = 0; c->file->columns[i]; i++) {
        require(i < COLUMNS_MAX);
        c->place[i] = place_find(header, c->file->columns[i]);
        if (c->place[i] < 0)
            str_printf(&missing, "%s%s", missing.len ? ", " : "", c->file->columns[i]);
    }
    bool good = missing.len == 0;
    if (!good)
        err_set(e, ERR_INVALID_REQUEST, "%s has no column %s", source_name(c->source),
                str_c(&missing));
    str_free(&missing);
    return good;
}

/* COPY's text format: backslash, tab and line ends are escaped; \N alone is null. */
static void value_put(struct str *out, const char *p, size_t len) {
    static const char special[] = "\\\t\n\r", letters[] = "\\tnr";
    for (const char *end = p + len; p < end; p++) {
        const char *found = *p ? strchr(special, *p) : NULL;
        if (found) {
            str_putc(out, '\\');
            str_putc(out, letters[found - special]);
        } else {
            str_putc(out, *p);
        }
    }
}

/* What is wrong with the record's shape; "" when nothing is. */
static void problem_put(const struct copier *c, const struct csv_record *record, struct str *out) {
    if (record->n != c->fields)
        str_printf(out, "%d fields, and the header has %d", record->n, c->fields);
    for (int i = 0; record->n == c->fields && c->file->columns[i]; i++)
        if (memchr(record->field[c->place[i]], '\0', record->len[c->place[i]])) {
            str_printf(out, "a NUL byte in %s", c->file->columns[i]);
            return;
        }
}

static bool row_put(struct copier *c, const struct csv_record *record, struct err *e) {
    size_t before;
    str_printf(&c->out, "%ld\t", record->line);
    before = c->out.len;
    problem_put(c, record, &c->out);
    bool sound = c->out.len == before;
    if (sound)
        str_puts(&c->out, "\\N");
    for (int i = 0; c->file->columns[i]; i++) {
        str_putc(&c->out, '\t');
        if (sound)
            value_put(&c->out, record->field[c->place[i]], record->len[c->place[i]]);
        else
            str_puts(&c->out, "\\N");
    }
    str_putc(&c->out, '\n');
    c->rows++;
    if (c->out.len < SEND_BYTES)
        return true;
    bool sent = pg_copy_put(c->pg, c->out.p, c->out.len, e);
    str_clear(&c->out);
    progress_move(c->progress, source_done(c->source), c->rows);
    return sent;
}

static bool record_take(void *ctx, const struct csv_record *record, struct err *e) {
    struct copier *c = ctx;
    return c->fields ? row_put(c, record, e) : header_read(c, record, e);
}

static bool rows_copy(struct copier *c, struct err *e) {
    struct str statement = STR_INIT;
    str_printf(&statement, "copy pg_temp.%s from stdin", c->file->table);
    bool good = pg_copy_begin(c->pg, str_c(&statement), e) &&
                csv_read(c->source, record_take, c, e) &&
                (!c->out.len || pg_copy_put(c->pg, c->out.p, c->out.len, e)) &&
                pg_copy_end(c->pg, e);
    str_free(&statement);
    return good;
}

bool import_copy(struct pg *pg, const struct import_file *file, const char *path,
                 const char *encoding, struct progress *progress, struct import_counts *counts,
                 struct err *e) {
    struct copier c = {.pg = pg, .file = file, .progress = progress, .out = STR_INIT};
    c.source = source_open(path, encoding, e);
    if (!c.source)
        return false;
    bool good = rows_copy(&c, e);
    if (good && !c.fields)
        good = err_set(e, ERR_INVALID_REQUEST, "%s is empty", source_name(c.source));
    *counts = (struct import_counts){c.rows, source_guessed(c.source)};
    source_close(c.source);
    str_free(&c.out);
    return good;
}
