/* table.c - rows as aligned columns. Called by the list commands. */
#include "config.h"

#include "table.h"

#include <stdio.h>

#define COLUMNS_MAX 16

static int width_of(const char *utf8) {
    int n = 0;
    for (; utf8 && *utf8; utf8++)
        n += ((unsigned char)*utf8 & 0xc0) != 0x80;
    return n;
}

static void cell_print(const char *text, int width, bool last) {
    fputs(text ? text : "", stdout);
    if (!last)
        printf("%*s", width - width_of(text) + 2, "");
}

static void widths_measure(const struct pg_rows *rows, int columns, int *width) {
    for (int c = 0; c < columns; c++) {
        width[c] = width_of(pg_column(rows, c));
        for (int r = 0; r < rows->n; r++)
            if (width_of(pg_value(rows, r, c)) > width[c])
                width[c] = width_of(pg_value(rows, r, c));
    }
}

bool table_print(struct pg *pg, const char *statement, int n, const char *const *values,
                 struct err *e) {
    struct pg_rows rows;
    int width[COLUMNS_MAX];
    if (!pg_call(pg, statement, n, values, &rows, e))
        return false;
    int columns = pg_columns(&rows) < COLUMNS_MAX ? pg_columns(&rows) : COLUMNS_MAX;
    widths_measure(&rows, columns, width);
    for (int r = -1; r < rows.n; r++) {
        for (int c = 0; c < columns; c++)
            cell_print(r < 0 ? pg_column(&rows, c) : pg_value(&rows, r, c), width[c],
                       c == columns - 1);
        putchar('\n');
    }
    pg_rows_free(&rows);
    return true;
}
