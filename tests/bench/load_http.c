/* load_http.c - event streams and long polls. */
#include "config.h"

#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int question(const struct client *c, char *out, size_t cap) {
    bool goes_on = *c->cursor;
    return snprintf(out, cap, "GET %s?channels=%s%s%s HTTP/1.1\r\n", load_path,
                    strcmp(c->channel, "-") == 0 ? "restaurant_orders" : c->channel,
                    goes_on ? "&timeout=60&since=" : "", c->cursor);
}

/* ------------------------------------------------------------------ event streams */

static void block(struct client *c, const char *text, size_t len, uint64_t now) {
    if (memmem(text, len, "event: subscribed\n", 18))
        load_ready(c);
    else if (memmem(text, len, "event: ", 7))
        load_message(c, text, len, now);
}

static size_t stream_take(struct client *c, uint64_t now) {
    size_t at = 0;
    if (!c->open) {
        if ((at = load_head(c, "200")) == 0)
            return 0;
        load_opened(c);
    }
    for (const char *end; (end = memmem(c->buf + at, c->len - at, "\n\n", 2));) {
        size_t len = (size_t)(end + 2 - (c->buf + at));
        block(c, c->buf + at, len, now);
        at += len;
    }
    return at;
}

const struct dialect event_stream = {"/events", question, stream_take, NULL};

/* ------------------------------------------------------------------ long polls */

static size_t body_length(const struct client *c, size_t head) {
    const char *at = memmem(c->buf, head, "Content-Length: ", 16);
    return at ? strtoul(at + 16, NULL, 10) : 0;
}

static void cursor_take(struct client *c, const char *body) {
    const char *at = body + strlen("{\"cursor\":\""), *end = strchr(at, '"');
    snprintf(c->cursor, sizeof c->cursor, "%.*s", (int)(end - at), at);
}

static size_t poll_take(struct client *c, uint64_t now) {
    size_t head = load_head(c, "200"), len = head ? body_length(c, head) : 0;
    if (!head || c->len < head + len)
        return 0;
    char *body = c->buf + head, *end = body + len, was = *end;
    *end = '\0';
    cursor_take(c, body);
    if (!c->ready) {
        load_opened(c);
        load_ready(c);
    }
    for (char *m = strstr(body, "{\"type\":"), *next; m; m = next) {
        next = strstr(m + 1, "{\"type\":");
        load_message(c, m, (size_t)((next ? next : end) - m), now);
    }
    *end = was;
    load_request(c);
    return head + len;
}

const struct dialect long_poll = {"/poll", question, poll_take, NULL};
