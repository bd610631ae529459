/* log.c - one line an event on stderr, one write a line, so that lines of several threads and
 * processes never mix. A value that needs it is quoted and escaped: it cannot forge a line.
 */
#include <config.h>

#include "base/log.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static char program_name[32] = "maitred";
static _Atomic int threshold = LOG_INFO;

void log_init(const char *program, enum log_level level) {
    snprintf(program_name, sizeof program_name, "%s", program);
    log_set_level(level);
}

void log_set_level(enum log_level level) {
    atomic_store(&threshold, (int)level);
}

static bool plain(const char *value) {
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c <= ' ' || *c == '"' || *c == '=' || *c == '\\' || *c >= 0x7f)
            return false;
    }
    return *value != '\0';
}

static void put_value(struct str *line, const char *value) {
    if (!value)
        value = "";
    if (plain(value)) {
        str_puts(line, value);
        return;
    }
    str_putc(line, '"');
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c == '"' || *c == '\\')
            str_printf(line, "\\%c", *c);
        else if (*c < ' ' || *c == 0x7f)
            str_printf(line, "\\x%02x", *c);
        else
            str_putc(line, (char)*c);
    }
    str_putc(line, '"');
}

static void key_put(struct str *line, const char *key) {
    str_putc(line, ' ');
    str_puts(line, key);
    str_putc(line, '=');
}

static void put_pair(struct str *line, const char *key, const char *value) {
    key_put(line, key);
    put_value(line, value);
}

static void line_begin(struct str *line, enum log_level level, const char *msg) {
    char now[CLOCK_ISO_MAX];
    str_puts(line, "ts=");
    str_puts(line, clock_iso_ms(clock_wall_ms(), now));
    put_pair(line, "level", level_names[level]);
    put_pair(line, "program", program_name);
    key_put(line, "pid");
    str_put_int(line, getpid());
    put_pair(line, "msg", msg);
}

static void line_end(struct str *line) {
    str_putc(line, '\n');
    size_t done = 0;
    while (done < line->len) {
        ssize_t n = write(STDERR_FILENO, line->p + done, line->len - done);
        if (n < 0 && errno != EINTR)
            break; /* nobody to tell */
        done += n > 0 ? (size_t)n : 0;
    }
    str_free(line);
}

void log_event(enum log_level level, const char *msg, ...) {
    if ((int)level < atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    int saved = errno;
    struct str line = STR_INIT;
    line_begin(&line, level, msg);
    va_list ap;
    va_start(ap, msg);
    for (const char *key; (key = va_arg(ap, const char *)) != NULL;)
        put_pair(&line, key, va_arg(ap, const char *));
    va_end(ap);
    line_end(&line);
    errno = saved;
}

void log_fmt(enum log_level level, const char *msg, const char *key, const char *fmt, ...) {
    if ((int)level < atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    int saved = errno;
    struct str value = STR_INIT, line = STR_INIT;
    va_list ap;
    va_start(ap, fmt);
    str_vprintf(&value, fmt, ap);
    va_end(ap);
    line_begin(&line, level, msg);
    put_pair(&line, key, str_c(&value));
    line_end(&line);
    str_free(&value);
    errno = saved;
}
