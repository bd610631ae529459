/* utf8.c - RFC 3629 section 4, its table of well-formed sequences as data. Called by ws.c; owns nothing. */
#include "config.h"

#include "link/utf8.h"

#include <stdint.h>
#include <string.h>

/* First byte, how many follow, and the bounds of the second; the others are 80..BF. */
static const struct {
    uint8_t first, last, more, low, high;
} sequences[] = {
    {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF},
    {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF},
    {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};
#define SEQUENCES (sizeof sequences / sizeof *sequences)

/* Length of the sequence at p, 0 when there is none. */
static size_t sequence(const uint8_t *p, size_t left) {
    for (size_t i = 0; i < SEQUENCES; i++) {
        if (*p < sequences[i].first || *p > sequences[i].last)
            continue;
        size_t more = sequences[i].more;
        if (left <= more || p[1] < sequences[i].low || p[1] > sequences[i].high)
            return 0;
        for (size_t k = 2; k <= more; k++)
            if ((p[k] & 0xC0) != 0x80)
                return 0;
        return more + 1;
    }
    return 0;
}

bool utf8_valid(const char *text, size_t len) {
    const uint8_t *p = (const uint8_t *)text, *end = p + len;
    while (p < end) {
        uint64_t eight;
        if (end - p >= 8 && (memcpy(&eight, p, 8), !(eight & 0x8080808080808080u))) {
            p += 8; /* plain ASCII, which most of JSON is */
            continue;
        }
        size_t n = *p < 0x80 ? 1 : sequence(p, (size_t)(end - p));
        if (!n)
            return false;
        p += n;
    }
    return true;
}
