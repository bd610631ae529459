/* base64url.c - RFC 4648 section 5 without padding, to the letter in both directions: one byte
 * string has one text, so that a token can't be respelled. */
#include <config.h>

#include "access/auth_keys.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_put(struct str *out, const void *bytes, size_t len) {
    const unsigned char *b = bytes;
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        unsigned group = (unsigned)b[i] << 16 | (n > 1 ? (unsigned)b[i + 1] << 8 : 0) |
                         (n > 2 ? (unsigned)b[i + 2] : 0);
        char text[4];
        for (size_t k = 0; k <= n; k++)
            text[k] = alphabet[group >> (18 - 6 * k) & 63];
        str_put(out, text, n + 1);
    }
}

bool base64url_decode(const char *text, size_t len, struct str *out) {
    unsigned bits = 0, nbits = 0;
    if (len % 4 == 1)
        return false;
    for (size_t i = 0; i < len; i++) {
        const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;
        if (!at)
            return false;
        bits = (bits << 6 | (unsigned)(at - alphabet)) & 0xffff;
        nbits += 6;
        if (nbits >= 8) {
            nbits -= 8;
            str_putc(out, (char)(bits >> nbits & 0xff));
        }
    }
    return (bits & ((1u << nbits) - 1)) == 0;
}
