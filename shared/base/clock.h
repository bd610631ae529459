/* clock.h - the two clocks and ISO 8601 (RFC 3339) text. Thread-safe. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t clock_mono_ms(void);  /* milliseconds, never steps back: deadlines */
uint64_t clock_mono_us(void);  /* microseconds, never steps back: measurements */
static inline uint64_t clock_later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}
int64_t clock_wall_s(void);    /* Unix seconds */
int64_t clock_wall_ms(void);   /* Unix milliseconds */

#define CLOCK_ISO_MAX 32
/* "2026-11-20T17:31:05.123Z"; returns buf, which must hold CLOCK_ISO_MAX bytes. */
char *clock_iso_ms(int64_t wall_ms, char *buf);
/* "Fri, 20 Nov 2026 17:31:05 GMT" (RFC 9110 IMF-fixdate), for HTTP headers. */
char *clock_http(int64_t wall_s, char *buf, size_t cap);
bool clock_parse_date(const char *s);      /* YYYY-MM-DD, a day that exists */
bool clock_parse_instant(const char *s);   /* RFC 3339 with a zone (Z or +hh:mm), a day that exists */

#endif
