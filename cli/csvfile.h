/* csvfile.h - the records of a CSV file (RFC 4180) with the line each begins on; the only user of libcsv. */
#ifndef CLI_CSVFILE_H
#define CLI_CSVFILE_H

#include "source.h"

#define CSV_FIELDS_MAX 256

struct csv_record {
    long line; /* where it begins, from 1 */
    int n;     /* fields; those past CSV_FIELDS_MAX are counted and not kept */
    const char *field[CSV_FIELDS_MAX];
    size_t len[CSV_FIELDS_MAX];
};

/* Gives every record in turn, empty lines left out; `f` returns false (with e set) to stop. */
typedef bool csv_record_fn(void *ctx, const struct csv_record *record, struct err *e);
bool csv_read(struct source *s, csv_record_fn *f, void *ctx, struct err *e) must_check;

#endif
