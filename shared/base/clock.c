/* clock.c - monotonic and wall clock, and the date texts of RFC 3339 and RFC 9110. Thread-safe. */
#include <config.h>

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct timespec now_of(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return t;
}

uint64_t clock_mono_ms(void) {
    return clock_mono_us() / 1000;
}

uint64_t clock_mono_us(void) {
    struct timespec t = now_of(CLOCK_MONOTONIC);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

int64_t clock_wall_s(void) {
    return now_of(CLOCK_REALTIME).tv_sec;
}

int64_t clock_wall_ms(void) {
    struct timespec t = now_of(CLOCK_REALTIME);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* As "%0*d" would, at a tenth of its cost: every line of the log begins so. */
static char *put_digits(char *at, int value, int n, char then) {
    for (int i = n; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    at[n] = then;
    return at + n + 1;
}

char *clock_iso_ms(int64_t wall_ms, char *buf) {
    int64_t ms = wall_ms % 1000;
    time_t s = (time_t)(wall_ms / 1000);
    if (ms < 0) {
        ms += 1000;
        s--;
    }
    struct tm tm;
    gmtime_r(&s, &tm);
    char *at = put_digits(buf, tm.tm_year + 1900, 4, '-');
    at = put_digits(at, tm.tm_mon + 1, 2, '-');
    at = put_digits(at, tm.tm_mday, 2, 'T');
    at = put_digits(at, tm.tm_hour, 2, ':');
    at = put_digits(at, tm.tm_min, 2, ':');
    at = put_digits(at, tm.tm_sec, 2, '.');
    *put_digits(at, (int)ms, 3, 'Z') = '\0';
    return buf;
}

char *clock_http(int64_t wall_s, char *buf, size_t cap) {
    /* Not strftime: its names follow the locale, RFC 9110 section 5.6.7 does not. */
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t s = (time_t)wall_s;
    struct tm tm;
    gmtime_r(&s, &tm);
    snprintf(buf, cap, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday,
             months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return buf;
}

/* Reads exactly `n` digits and steps over them; -1 when they are not there. */
static int digits(const char **s, int n) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        char c = (*s)[i];
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    *s += n;
    return value;
}

static bool take(const char **s, char c) {
    if (**s != c)
        return false;
    (*s)++;
    return true;
}

static int days_in(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **s) {
    int year = digits(s, 4);
    if (year < 1 || !take(s, '-'))
        return false;
    int month = digits(s, 2);
    if (month < 1 || month > 12 || !take(s, '-'))
        return false;
    int day = digits(s, 2);
    return day >= 1 && day <= days_in(year, month);
}

static bool take_seconds(const char **s) {
    if (!take(s, ':'))
        return true; /* ISO 8601 may leave them out, and date pickers do */
    int second = digits(s, 2);
    if (second < 0 || second > 59)
        return false;
    if (!take(s, '.'))
        return true;
    const char *fraction = *s;
    while (**s >= '0' && **s <= '9')
        (*s)++;
    return *s > fraction && *s - fraction <= 9;
}

static bool take_zone(const char **s) {
    if (take(s, 'Z') || take(s, 'z'))
        return true;
    if (!take(s, '+') && !take(s, '-'))
        return false;
    int hours = digits(s, 2);
    if (hours < 0 || hours > 14 || !take(s, ':'))
        return false;
    int minutes = digits(s, 2);
    return minutes >= 0 && minutes <= 59;
}

bool clock_parse_date(const char *s) {
    return s && take_date(&s) && !*s;
}

bool clock_parse_instant(const char *s) {
    if (!s || !take_date(&s) || (!take(&s, 'T') && !take(&s, 't')))
        return false;
    int hour = digits(&s, 2);
    if (hour < 0 || hour > 23 || !take(&s, ':'))
        return false;
    int minute = digits(&s, 2);
    return minute >= 0 && minute <= 59 && take_seconds(&s) && take_zone(&s) && !*s;
}
