/* engineio_payload.c - see the header. Called by engineio.c and what belongs to it; owns nothing.
 */
#include "config.h"

#include "link/engineio_payload.h"

#include "link/utf8.h"

#include <string.h>

#define SEPARATOR '\x1e'
#define BINARY    'b'

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of a base64 digit; -1: it is none. */
static int digit_value(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* In place; padding may be left out (RFC 4648 section 3.2 lets a protocol say so). */
static bool base64_decode(char *text, size_t *len) {
    size_t n = *len, out = 0;
    while (n && *len - n < 2 && text[n - 1] == '=')
        n--;
    if (n % 4 == 1 || (n < *len && *len % 4))
        return false;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++) {
        int value = digit_value(text[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (unsigned)value;
        if (i % 4)
            text[out++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    text[out] = '\0';
    *len = out;
    return true;
}

static void base64_put(struct str *out, const unsigned char *bytes, size_t len) {
    char four[4];
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        unsigned bits = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                        (left > 2 ? bytes[i + 2] : 0);
        for (int k = 0; k < 4; k++)
            four[k] = base64[bits >> (18 - 6 * k) & 63];
        if (left < 3)
            four[3] = '=';
        if (left < 2)
            four[2] = '=';
        str_put(out, four, sizeof four);
    }
}

bool eio_packet_read(char *text, size_t len, bool binary, struct eio_packet *k) {
    if (!binary && len && *text == BINARY) {
        text++, len--;
        if (!base64_decode(text, &len))
            return false;
        binary = true;
    }
    if (binary) {
        *k = (struct eio_packet){EIO_TYPE_MESSAGE, text, len, true};
        return true;
    }
    if (!len || *text < '0' || *text >= '0' + EIO_TYPE_COUNT)
        return false;
    *k = (struct eio_packet){(enum eio_type)(*text - '0'), text + 1, len - 1, false};
    return true;
}

void eio_payload_begin(struct eio_payload *p, char *text, size_t len) {
    *p = (struct eio_payload){text, text + len, !utf8_valid(text, len)};
}

enum eio_step eio_payload_next(struct eio_payload *p, struct eio_packet *k) {
    if (p->bad)
        return EIO_STEP_BAD;
    if (!p->at)
        return EIO_STEP_END;
    char *text = p->at, *end = memchr(text, SEPARATOR, (size_t)(p->end - text));
    p->at = end ? end + 1 : NULL;
    size_t len = (size_t)((end ? end : p->end) - text);
    text[len] = '\0';
    p->bad = !eio_packet_read(text, len, false, k);
    return p->bad ? EIO_STEP_BAD : EIO_STEP_PACKET;
}

void eio_payload_put(struct str *out, const char *bytes, size_t len, bool binary) {
    if (out->len)
        str_putc(out, SEPARATOR);
    if (binary) {
        str_putc(out, BINARY);
        base64_put(out, (const unsigned char *)bytes, len);
    } else {
        str_put(out, bytes, len);
    }
}
