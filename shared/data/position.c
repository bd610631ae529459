/* position.c - "EPOCHvVENUE-SEQ" in and out. What a client sends is parsed to the letter: one text,
 * one position, so that a cursor can be compared as text as well. */
#include <config.h>

#include "data/position.h"

#include "base/str.h"

#include <string.h>

/* A decimal without sign or leading zero; steps over it. */
static bool take_number(const char **s, int64_t *out) {
    const char *first = *s;
    int64_t value = 0;
    for (; **s >= '0' && **s <= '9'; ++*s) {
        int digit = **s - '0';
        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    size_t n = (size_t)(*s - first);
    *out = value;
    return n > 0 && (n == 1 || *first != '0');
}

bool position_parse(const char *text, struct position *out) {
    if (!text || strspn(text, "0123456789abcdef") < EPOCH_LEN)
        return false;
    struct position p = {.venue = 0};
    memcpy(p.epoch, text, EPOCH_LEN);
    const char *s = text + EPOCH_LEN;
    if (*s++ != 'v' || !take_number(&s, &p.venue) || p.venue < 1 || *s++ != '-' ||
        !take_number(&s, &p.seq) || *s)
        return false;
    *out = p;
    return true;
}

char *position_format(const struct position *p, char buf[POSITION_MAX]) {
    size_t len = strnlen(p->epoch, EPOCH_LEN);
    memcpy(buf, p->epoch, len);
    buf[len++] = 'v';
    len += int_text(p->venue, buf + len);
    buf[len++] = '-';
    int_text(p->seq, buf + len);
    return buf;
}
