/* str.c - the growing byte string and the small text helpers of str.h. Used by everybody. */
#include <config.h>

#include "base/str.h"

#include "base/mem.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PRINTF_ROOM 63 /* bytes that most formatted texts fit in at the first try */

static void str_room(struct str *s, size_t more) {
    require(more < SIZE_MAX / 2 - s->len);
    size_t need = s->len + more + 1;
    if (need <= s->cap)
        return;
    size_t cap = s->cap ? s->cap : 64;
    while (cap < need)
        cap *= 2;
    s->p = x_realloc(s->p, cap);
    s->cap = cap;
}

void str_put(struct str *s, const void *bytes, size_t len) {
    str_room(s, len);
    if (len)
        memcpy(s->p + s->len, bytes, len);
    s->len += len;
    s->p[s->len] = '\0';
}

void str_puts(struct str *s, const char *text) {
    str_put(s, text, strlen(text));
}

void str_putc(struct str *s, char c) {
    str_put(s, &c, 1);
}

size_t int_text(long long n, char buf[INT_TEXT_MAX]) {
    char digits[INT_TEXT_MAX];
    unsigned long long rest = n < 0 ? 0 - (unsigned long long)n : (unsigned long long)n;
    size_t first = sizeof digits, len = 0;
    do
        digits[--first] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (n < 0)
        buf[len++] = '-';
    memcpy(buf + len, digits + first, sizeof digits - first);
    len += sizeof digits - first;
    buf[len] = '\0';
    return len;
}

void str_put_int(struct str *s, long long n) {
    char text[INT_TEXT_MAX];
    size_t len = int_text(n, text);
    str_put(s, text, len);
}

void str_vprintf(struct str *s, const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    str_room(s, PRINTF_ROOM);
    int len = vsnprintf(s->p + s->len, PRINTF_ROOM + 1, fmt, ap);
    require(len >= 0);
    if (len > PRINTF_ROOM) {
        str_room(s, (size_t)len);
        vsnprintf(s->p + s->len, (size_t)len + 1, fmt, again);
    }
    va_end(again);
    s->len += (size_t)len;
}

void str_printf(struct str *s, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    str_vprintf(s, fmt, ap);
    va_end(ap);
}

const char *str_c(const struct str *s) {
    return s->p ? s->p : "";
}

void str_clear(struct str *s) {
    s->len = 0;
    if (s->p)
        s->p[0] = '\0';
}

char *str_steal(struct str *s) {
    char *p = s->p ? s->p : x_strdup("");
    *s = (struct str)STR_INIT;
    return p;
}

void str_free(struct str *s) {
    x_free(s->p);
    *s = (struct str)STR_INIT;
}

bool str_eq(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool str_starts(const char *s, const char *prefix) {
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_to_int64(const char *s, long long *out) {
    if (!s)
        return false;
    bool negative = *s == '-';
    const char *digits = negative ? s + 1 : s;
    long long value = 0;
    const char *c = digits;
    for (; *c >= '0' && *c <= '9'; c++) {
        int digit = *c - '0';
        /* Counts downwards, because only there does LLONG_MIN fit. */
        if (value < (LLONG_MIN + digit) / 10)
            return false;
        value = value * 10 - digit;
    }
    if (c == digits || *c || (!negative && value == LLONG_MIN))
        return false;
    *out = negative ? value : -value;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void str_percent_decode(char *s) {
    char *to = s;
    for (const char *from = s; *from; from++) {
        int high = *from == '%' ? hex_digit(from[1]) : -1;
        int low = high >= 0 ? hex_digit(from[2]) : -1;
        /* %00 stays as it is: a NUL would cut the string short behind every later check. */
        if (low >= 0 && (high || low)) {
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* How many bytes the first one announces; 0: it begins no character (RFC 3629 section 4). */
static size_t utf8_announced(unsigned char first) {
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t str_utf8_length(const char *s, size_t left) {
    const unsigned char *u = (const unsigned char *)s;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = left ? utf8_announced(u[0]) : 0;
    if (n > left)
        return 0;
    if (n < 2)
        return n;
    uint32_t code = u[0] & (0xffu >> (n + 1));
    for (size_t k = 1; k < n; k++) {
        if ((u[k] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (u[k] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[n] || code > 0x10ffff || surrogate ? 0 : n;
}

/* Eight bytes a step. `differ` is volatile, so that no compiler leaves the loop early. */
bool bytes_equal_ct(const void *a, const void *b, size_t len) {
    const unsigned char *x = a, *y = b;
    volatile uint64_t differ = 0;
    while (len > 0) {
        uint64_t u = 0, v = 0;
        size_t n = len < sizeof u ? len : sizeof u;
        memcpy(&u, x, n);
        memcpy(&v, y, n);
        differ |= u ^ v;
        x += n;
        y += n;
        len -= n;
    }
    return differ == 0;
}
