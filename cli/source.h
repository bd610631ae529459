/* source.h - a file of an import, plain or gzip, as UTF-8 lines.
 *
 * Encodings: any that iconv knows (default UTF-8), or "auto": a line that is not valid UTF-8 is
 * read as Windows-1252, each line for itself, because real exports hold single such bytes.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

struct source;

struct source *source_open(const char *path, const char *encoding, struct err *e) must_check;
void source_close(struct source *s); /* NULL is fine */

enum source_next { SOURCE_LINE, SOURCE_END, SOURCE_BAD };
/* The next line with its line end, in UTF-8, valid until the next call. */
enum source_next source_line(struct source *s, const char **line, size_t *len, struct err *e);

long source_line_number(const struct source *s); /* of the line last given, from 1 */
long source_guessed(const struct source *s);     /* lines that "auto" read as Windows-1252 */
double source_done(const struct source *s);      /* 0..1, of the bytes on disk */
const char *source_name(const struct source *s); /* the path's last part */

#endif
