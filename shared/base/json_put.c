/* json_put.c - JSON text out: one string, quoted and escaped, appended to a struct str.
 *
 * What is not UTF-8 leaves as U+FFFD, so that no text of ours can be invalid JSON whatever a
 * truncated detail or a driver's message held. Used by everybody who writes JSON.
 */
#include <config.h>

#include "base/json.h"

#include <string.h>

static void put_escape(struct str *out, unsigned char c) {
    static const char names[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *at = c ? strchr(names, c) : NULL;
    if (at)
        str_printf(out, "\\%c", letters[at - names]);
    else
        str_printf(out, "\\u%04x", c);
}

/* U+2028 and U+2029 are E2 80 A8 and E2 80 A9: line ends to a script that embeds the text. */
static bool script_line_end(const char *s, size_t n) {
    return n == 3 && memcmp(s, "\xe2\x80", 2) == 0 && (s[2] == '\xa8' || s[2] == '\xa9');
}

/* Steps over what needs no escape and appends it in one go. */
static size_t put_plain(struct str *out, const char *s, size_t len) {
    size_t n = 0;
    while (n < len && (unsigned char)s[n] >= 0x20 && (unsigned char)s[n] < 0x7f && s[n] != '"' &&
           s[n] != '\\')
        n++;
    str_put(out, s, n);
    return n;
}

void json_put_string_n(struct str *out, const char *s, size_t len) {
    str_putc(out, '"');
    for (size_t i = 0; i < len;) {
        i += put_plain(out, s + i, len - i);
        if (i == len)
            break;
        size_t n = str_utf8_length(s + i, len - i);
        if (n == 0)
            str_puts(out, "\xef\xbf\xbd");
        else if (n == 1)
            put_escape(out, (unsigned char)s[i]);
        else if (script_line_end(s + i, n))
            str_puts(out, s[i + 2] == '\xa8' ? "\\u2028" : "\\u2029");
        else
            str_put(out, s + i, n);
        i += n ? n : 1;
    }
    str_putc(out, '"');
}

void json_put_string(struct str *out, const char *s) {
    json_put_string_n(out, s, strlen(s));
}
