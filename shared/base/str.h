/* str.h - a growing byte string; the only way text is put together.
 *
 * Owned by whoever declared it: STR_INIT, then str_free. `p` is always NUL-terminated once
 * something was appended (never NULL after str_init_ok); `len` does not count the NUL.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct str {
    char *p;
    size_t len, cap;
};
#define STR_INIT {NULL, 0, 0}

void str_put(struct str *s, const void *bytes, size_t len);
void str_puts(struct str *s, const char *text);
void str_putc(struct str *s, char c);
void str_put_int(struct str *s, long long n); /* decimal */
void str_printf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_vprintf(struct str *s, const char *fmt, va_list ap);
const char *str_c(const struct str *s); /* "" when empty; valid until the next change */
void str_clear(struct str *s);          /* keeps the memory */
char *str_steal(struct str *s);         /* hands the bytes over (x_free); s is empty again */
void str_free(struct str *s);

bool str_eq(const char *a, const char *b);            /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
#define INT_TEXT_MAX 21 /* sign, 19 digits, NUL */
/* Decimal text of `n` and a NUL into `buf`; returns its length. */
size_t int_text(long long n, char buf[INT_TEXT_MAX]);
bool str_to_int64(const char *s, long long *out);     /* whole string, decimal, no blanks, in range */
void str_percent_decode(char *s);                     /* in place, one pass, '+' left alone */
/* Length in bytes of the valid UTF-8 character at `s` (RFC 3629), 0 when there is none. */
size_t str_utf8_length(const char *s, size_t left);
/* Constant-time comparison of secrets of equal known length. */
bool bytes_equal_ct(const void *a, const void *b, size_t len);

#endif
