/* source.c - reads a plain or gzip file and decodes it to UTF-8 lines.
 *
 * Called by import_copy.c. The only user of gzread and iconv. gzread reads a plain file as it is,
 * so one path serves both. A stateful or wide encoding (UTF-16) is decoded as a stream, before
 * lines are looked for; "auto" needs lines first, which ASCII's supersets allow.
 */
#include "config.h"

#include "source.h"
#include "base/mem.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <zlib.h>

#define CHUNK    65536
#define LINE_MAX_BYTES (1 << 20)

struct source {
    gzFile file;
    char *name, *encoding;
    off_t size;
    iconv_t decoder;   /* of the whole stream; for "auto" from Windows-1252 */
    bool automatic;
    struct str raw;    /* bytes read and not decoded yet (a character cut in two) */
    struct str text;   /* decoded; `at` is where the next line begins */
    struct str line;   /* a line that "auto" decoded anew */
    size_t at;
    long long offset;  /* of raw's first byte in the unpacked file */
    long line_no, lines_decoded, guessed;
    bool ended, begun;
};

static bool refuse(struct source *s, struct err *e, const char *why) {
    return err_set(e, ERR_INVALID_REQUEST, "%s: %s", s->name, why);
}

struct source *source_open(const char *path, const char *encoding, struct err *e) {
    struct stat st;
    const char *slash = strrchr(path, '/');
    bool automatic = strcasecmp(encoding, "auto") == 0;
    iconv_t decoder = iconv_open("UTF-8", automatic ? "WINDOWS-1252" : encoding);
    if (decoder == (iconv_t)-1) {
        err_set(e, ERR_INVALID_FIELD, "--encoding %s is not known here", encoding);
        return NULL;
    }
    gzFile file = gzopen(path, "rbe");
    if (!file || stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        err_set(e, ERR_NOT_FOUND, "%s: %s", path, file ? "is no file" : strerror(errno));
        if (file)
            gzclose(file);
        iconv_close(decoder);
        return NULL;
    }
    gzbuffer(file, 2 * CHUNK);
    struct source *s = x_new(struct source);
    *s = (struct source){
        .file = file, .size = st.st_size, .decoder = decoder, .automatic = automatic,
        .name = x_strdup(slash ? slash + 1 : path), .encoding = x_strdup(encoding),
    };
    return s;
}

void source_close(struct source *s) {
    if (!s)
        return;
    gzclose(s->file);
    iconv_close(s->decoder);
    x_free(s->name);
    x_free(s->encoding);
    str_free(&s->raw);
    str_free(&s->text);
    str_free(&s->line);
    x_free(s);
}

static long newlines(const char *p, size_t len) {
    long n = 0;
    for (const char *end = p + len; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
        n++;
    return n;
}

static bool undecodable(struct source *s, size_t at, struct err *e) {
    const char *advice = strcasecmp(s->encoding, "UTF-8") == 0
                             ? "; try --encoding windows-1252, or auto"
                             : "; is it another encoding?";
    return err_set(e, ERR_INVALID_REQUEST, "%s:%ld: byte 0x%02X at offset %lld is not %s%s", s->name,
                   s->lines_decoded + 1, (unsigned char)s->raw.p[at], s->offset + (long long)at,
                   s->encoding, advice);
}

static void raw_drop(struct source *s, size_t n) {
    memmove(s->raw.p, s->raw.p + n, s->raw.len - n + 1);
    s->raw.len -= n;
    s->offset += (long long)n;
}

/* Decodes what raw holds; a character that is cut in two stays for the next chunk. */
static bool chunk_decode(struct source *s, struct err *e) {
    char out[CHUNK], *in = s->raw.p;
    size_t left = s->raw.len;
    while (left) {
        char *to = out;
        size_t room = sizeof out;
        size_t result = iconv(s->decoder, &in, &left, &to, &room);
        int why = errno;
        str_put(&s->text, out, (size_t)(to - out));
        s->lines_decoded += newlines(out, (size_t)(to - out));
        if (result != (size_t)-1 || why == E2BIG)
            continue;
        if (why == EINVAL && !s->ended)
            break;
        return undecodable(s, (size_t)(in - s->raw.p), e);
    }
    raw_drop(s, s->raw.len - left);
    return true;
}

static void mark_skip(struct source *s) {
    if (!s->begun && s->text.len >= 3 && memcmp(s->text.p, "\xEF\xBB\xBF", 3) == 0)
        s->at = 3;
    s->begun = s->begun || s->text.len > 0;
}

/* Reads one chunk more into text. */
static bool chunk_read(struct source *s, struct err *e) {
    char buf[CHUNK];
    int got = gzread(s->file, buf, sizeof buf);
    if (got < 0) {
        int code;
        const char *why = gzerror(s->file, &code);
        return refuse(s, e, code == Z_ERRNO ? strerror(errno) : why);
    }
    /* A gzip file that was cut off gives its bytes and then an early end. */
    if (got == 0 && gzeof(s->file)) {
        int code;
        gzerror(s->file, &code);
        if (code == Z_BUF_ERROR)
            return refuse(s, e, "the gzip file is cut off");
    }
    s->ended = got == 0;
    str_put(&s->raw, buf, (size_t)got);
    if (s->automatic) {
        str_put(&s->text, s->raw.p, s->raw.len);
        raw_drop(s, s->raw.len);
    } else if (!chunk_decode(s, e)) {
        return false;
    }
    mark_skip(s);
    return true;
}

/* RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
static size_t utf8_length(const unsigned char *p, size_t left) {
    static const struct {
        unsigned char first, last, low, high;
        size_t length;
    } forms[] = {
        {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (*p < forms[i].first || *p > forms[i].last)
            continue;
        if (forms[i].length > left || (left > 1 && forms[i].length > 1 &&
                                       (p[1] < forms[i].low || p[1] > forms[i].high)))
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((p[k] & 0xC0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static bool utf8_valid(const char *text, size_t len) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t n; len; p += n, len -= n)
        if ((n = utf8_length(p, len)) == 0)
            return false;
    return true;
}

static bool line_guess(struct source *s, const char **line, size_t *len, struct err *e) {
    char *in = s->text.p + (*line - s->text.p);
    size_t left = *len;
    str_clear(&s->line);
    while (left) {
        char out[1024], *to = out;
        size_t room = sizeof out;
        if (iconv(s->decoder, &in, &left, &to, &room) == (size_t)-1 && errno != E2BIG)
            return err_set(e, ERR_INVALID_REQUEST,
                           "%s:%ld: byte 0x%02X is neither UTF-8 nor windows-1252", s->name,
                           s->line_no, (unsigned char)*in);
        str_put(&s->line, out, (size_t)(to - out));
    }
    s->guessed++;
    *line = s->line.p;
    *len = s->line.len;
    return true;
}

static void text_drop(struct source *s) {
    if (s->at < CHUNK)
        return;
    memmove(s->text.p, s->text.p + s->at, s->text.len - s->at + 1);
    s->text.len -= s->at;
    s->at = 0;
}

enum source_next source_line(struct source *s, const char **line, size_t *len, struct err *e) {
    char *end = NULL;
    text_drop(s);
    while (!s->text.p || !(end = memchr(s->text.p + s->at, '\n', s->text.len - s->at))) {
        if (s->text.len - s->at > LINE_MAX_BYTES) {
            refuse(s, e, "a line is longer than 1 MiB; is this a CSV file?");
            return SOURCE_BAD;
        }
        if (s->ended)
            break;
        if (!chunk_read(s, e))
            return SOURCE_BAD;
    }
    *line = s->text.p + s->at;
    *len = end ? (size_t)(end + 1 - *line) : s->text.len - s->at;
    if (!*len)
        return SOURCE_END;
    s->at += *len;
    s->line_no++;
    if (s->automatic && !utf8_valid(*line, *len) && !line_guess(s, line, len, e))
        return SOURCE_BAD;
    return SOURCE_LINE;
}

long source_line_number(const struct source *s) {
    return s->line_no;
}

long source_guessed(const struct source *s) {
    return s->guessed;
}

double source_done(const struct source *s) {
    return s->size ? (double)gzoffset(s->file) / (double)s->size : 1.0;
}

const char *source_name(const struct source *s) {
    return s->name;
}
