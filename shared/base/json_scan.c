/* json_scan.c - is this text JSON to the letter (RFC 8259), within our limits (RFC 7493)?
 *
 * Runs before json-c sees a byte, because json-c lets single-quoted keys, raw control characters,
 * NaN, `1.`, lone surrogates and more pass (LIBRARIES section 8). No tree, no memory: a cursor, and
 * one bit a level for "object or array". Called by json_parse only.
 */
#include <config.h>

#include "base/json_scan.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>

struct cursor {
    const char *text;
    size_t len, i;
    size_t members;
    const char *reason;
    bool beyond;
    int depth;
    uint64_t objects; /* bit d: level d is an object */
};

static bool fail(struct cursor *c, const char *reason) {
    c->reason = reason;
    return false;
}

static bool fail_beyond(struct cursor *c, const char *reason) {
    c->beyond = true;
    return fail(c, reason);
}

static char peek(const struct cursor *c) {
    return c->i < c->len ? c->text[c->i] : '\0';
}

static bool eat(struct cursor *c, char want) {
    if (c->i >= c->len || c->text[c->i] != want)
        return false;
    c->i++;
    return true;
}

static void skip_blanks(struct cursor *c) {
    while (c->i < c->len && c->text[c->i] && strchr(" \t\r\n", c->text[c->i]))
        c->i++;
}

static bool hex4(struct cursor *c, unsigned *out) {
    unsigned value = 0;
    for (int k = 0; k < 4; k++, c->i++) {
        char d = peek(c);
        if (d >= '0' && d <= '9')
            value = value << 4 | (unsigned)(d - '0');
        else if ((d | 0x20) >= 'a' && (d | 0x20) <= 'f')
            value = value << 4 | (unsigned)((d | 0x20) - 'a' + 10);
        else
            return fail(c, "a \\u escape needs four hexadecimal digits");
    }
    *out = value;
    return true;
}

static bool scan_unicode_escape(struct cursor *c) {
    unsigned unit, low;
    if (!hex4(c, &unit))
        return false;
    if (unit == 0)
        return fail_beyond(c, "the character U+0000 is refused");
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    if (unit > 0xdbff || !eat(c, '\\') || !eat(c, 'u'))
        return fail_beyond(c, "a surrogate stands alone");
    if (!hex4(c, &low))
        return false;
    return (low >= 0xdc00 && low <= 0xdfff) || fail_beyond(c, "a surrogate stands alone");
}

static bool scan_escape(struct cursor *c) {
    char kind = peek(c);
    if (!kind || !strchr("\"\\/bfnrtu", kind))
        return fail(c, "no such escape");
    c->i++;
    return kind != 'u' || scan_unicode_escape(c);
}

static bool scan_string(struct cursor *c) {
    if (!eat(c, '"'))
        return fail(c, "a string in double quotes is expected");
    while (c->i < c->len) {
        unsigned char b = (unsigned char)c->text[c->i];
        if (b == '"') {
            c->i++;
            return true;
        }
        if (b < 0x20)
            return fail(c, "a control character must be escaped");
        size_t n = str_utf8_length(c->text + c->i, c->len - c->i);
        if (n == 0)
            return fail(c, "the text is not valid UTF-8");
        c->i += n;
        if (b == '\\' && !scan_escape(c))
            return false;
    }
    return fail(c, "the string does not end");
}

static size_t scan_digits(struct cursor *c) {
    size_t from = c->i;
    while (c->i < c->len && c->text[c->i] >= '0' && c->text[c->i] <= '9')
        c->i++;
    return c->i - from;
}

/* An integer keeps its value only within 64 bits; json-c would clamp it. */
static bool int64_fits(const char *digits, size_t n, bool negative) {
    static const char most[] = "9223372036854775807", least[] = "9223372036854775808";
    if (n != sizeof most - 1)
        return n < sizeof most - 1;
    return memcmp(digits, negative ? least : most, n) <= 0;
}

static bool scan_number(struct cursor *c) {
    bool negative = eat(c, '-'), real = false;
    const char *first = c->text + c->i;
    size_t n = scan_digits(c);
    if (n == 0)
        return fail(c, "a value is expected");
    if (n > 1 && *first == '0')
        return fail(c, "a number has no leading zeros");
    if (eat(c, '.')) {
        real = true;
        if (scan_digits(c) == 0)
            return fail(c, "digits must follow the decimal point");
    }
    if (eat(c, 'e') || eat(c, 'E')) {
        real = true;
        if (!eat(c, '+'))
            eat(c, '-');
        if (scan_digits(c) == 0)
            return fail(c, "digits must follow the exponent");
    }
    return real || int64_fits(first, n, negative) || fail_beyond(c, "the integer is out of range");
}

static bool scan_word(struct cursor *c, const char *word) {
    size_t n = strlen(word);
    if (c->len - c->i < n || memcmp(c->text + c->i, word, n) != 0)
        return fail(c, "a value is expected");
    c->i += n;
    return true;
}

static bool in_object(const struct cursor *c) {
    return c->objects >> c->depth & 1;
}

static bool scan_key(struct cursor *c) {
    skip_blanks(c);
    if (!scan_string(c))
        return false;
    c->members++;
    skip_blanks(c);
    return eat(c, ':') || fail(c, "a colon is expected after the key");
}

/* Opens a level; `*closed` when it is empty and therefore closed again. */
static bool scan_open(struct cursor *c, bool object, bool *closed) {
    c->i++;
    if (++c->depth > JSON_DEPTH_MAX)
        return fail_beyond(c, "nested too deeply");
    uint64_t bit = UINT64_C(1) << c->depth;
    c->objects = object ? c->objects | bit : c->objects & ~bit;
    skip_blanks(c);
    *closed = eat(c, object ? '}' : ']');
    if (*closed)
        c->depth--;
    return *closed || !object || scan_key(c);
}

static bool scan_scalar(struct cursor *c) {
    switch (peek(c)) {
    case '"':
        return scan_string(c);
    case 't':
        return scan_word(c, "true");
    case 'f':
        return scan_word(c, "false");
    case 'n':
        return scan_word(c, "null");
    default:
        return scan_number(c);
    }
}

/* After a value: commas and closing brackets until the next value is due or all is closed. */
static bool scan_after(struct cursor *c, bool *more) {
    *more = false;
    while (c->depth > 0) {
        skip_blanks(c);
        if (eat(c, ',')) {
            *more = true;
            return !in_object(c) || scan_key(c);
        }
        if (!eat(c, in_object(c) ? '}' : ']'))
            return fail(c, "a comma or a closing bracket is expected");
        c->depth--;
    }
    return true;
}

static bool scan_values(struct cursor *c) {
    for (bool more = true; more;) {
        skip_blanks(c);
        char b = peek(c);
        bool opens = b == '{' || b == '[', closed = false;
        if (opens ? !scan_open(c, b == '{', &closed) : !scan_scalar(c))
            return false;
        if (opens && !closed)
            continue;
        if (!scan_after(c, &more))
            return false;
    }
    return true;
}

bool json_scan(const char *text, size_t len, struct json_scan *out) {
    struct cursor c = {.text = text, .len = len};
    bool ok = scan_values(&c);
    if (ok) {
        skip_blanks(&c);
        ok = c.i == len || fail(&c, "text follows the value");
    }
    *out =
        (struct json_scan){.members = c.members, .at = c.i, .reason = c.reason, .beyond = c.beyond};
    return ok;
}
