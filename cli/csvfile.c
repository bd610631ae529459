/* csvfile.c - CSV records out of a source's lines, by libcsv.
 *
 * Called by import_copy.c. libcsv swallows empty lines and knows no line numbers, so it is fed line
 * by line: a record begins on the first line that is fed while none is open. Quotes that never
 * close are an error that names the line where they open, not a record with half the file in it.
 */
#include "config.h"

#include "csvfile.h"

#include <csv.h>
#include <string.h>

#define RECORD_MAX_BYTES (4u << 20)

struct reader {
    struct source *source;
    struct str bytes; /* the record's fields, each NUL-terminated */
    size_t start[CSV_FIELDS_MAX];
    struct csv_record record;
    csv_record_fn *f;
    void *ctx;
    struct err *e;
    bool open, stopped;
};

static void field_end(void *field, size_t len, void *ctx) {
    struct reader *r = ctx;
    if (r->record.n < CSV_FIELDS_MAX) {
        r->start[r->record.n] = r->bytes.len;
        r->record.len[r->record.n] = len;
        str_put(&r->bytes, field, len);
        str_putc(&r->bytes, '\0');
    }
    r->record.n++;
}

static void record_end(int terminator, void *ctx) {
    struct reader *r = ctx;
    (void)terminator;
    int kept = r->record.n < CSV_FIELDS_MAX ? r->record.n : CSV_FIELDS_MAX;
    for (int i = 0; i < kept; i++)
        r->record.field[i] = r->bytes.p + r->start[i];
    if (!r->stopped && !r->f(r->ctx, &r->record, r->e))
        r->stopped = true;
    r->record.n = 0;
    str_clear(&r->bytes);
    r->open = false;
}

static bool is_blank(const char *line, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (!strchr(" \t\r\n", line[i]))
            return false;
    return true;
}

static bool never_closed(const struct reader *r) {
    return err_set(r->e, ERR_INVALID_REQUEST,
                   "%s:%ld: a quoted field begins here and never ends", source_name(r->source),
                   r->record.line);
}

static bool line_feed(struct reader *r, struct csv_parser *parser, const char *line, size_t len) {
    if (!r->open && is_blank(line, len))
        return true;
    if (!r->open)
        r->record.line = source_line_number(r->source);
    r->open = true;
    if (csv_parse(parser, line, len, field_end, record_end, r) != len)
        return err_set(r->e, ERR_INVALID_REQUEST, "%s:%ld: %s", source_name(r->source),
                       source_line_number(r->source), csv_strerror(csv_error(parser)));
    /* An open quote swallows the rest of the file: give up early. */
    if (r->open && r->bytes.len + csv_get_buffer_size(parser) > RECORD_MAX_BYTES)
        return never_closed(r);
    return !r->stopped;
}

static bool lines_feed(struct reader *r, struct csv_parser *parser) {
    const char *line;
    size_t len;
    enum source_next next;
    while ((next = source_line(r->source, &line, &len, r->e)) == SOURCE_LINE)
        if (!line_feed(r, parser, line, len))
            return false;
    if (next == SOURCE_BAD)
        return false;
    /* Strict only now: in the midst of a file a stray quote is a character like any other. */
    csv_set_opts(parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
    if (csv_fini(parser, field_end, record_end, r) != 0)
        return never_closed(r);
    return !r->stopped;
}

bool csv_read(struct source *s, csv_record_fn *f, void *ctx, struct err *e) {
    struct reader r = {.source = s, .bytes = STR_INIT, .f = f, .ctx = ctx, .e = e};
    struct csv_parser parser;
    if (csv_init(&parser, CSV_APPEND_NULL) != 0)
        return err_set(e, ERR_INTERNAL, "libcsv can't start");
    bool good = lines_feed(&r, &parser);
    csv_free(&parser);
    str_free(&r.bytes);
    return good;
}
