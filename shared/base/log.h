/* log.h - structured logging: one line an event on stderr, `ts=... level=... msg=... key=value`.
 *
 * Values are escaped so that a value can't forge a line. Never pass tokens, passwords, cookies,
 * query strings or bodies. Thread-safe (one write a line). The request id ties web server, FastCGI
 * program and sidecar together.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_init(const char *program, enum log_level level);
void log_set_level(enum log_level level);
/* Pairs of const char * key, value; ends with NULL: log_event(LOG_INFO, "ready", "port", "8081", NULL) */
void log_event(enum log_level level, const char *msg, ...) __attribute__((sentinel));
/* One key whose value is formatted. */
void log_fmt(enum log_level level, const char *msg, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
