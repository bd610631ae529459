/* load_ws.c - WebSockets: channels and Socket.IO. Reads frames only as far as counting needs. */
#include "config.h"

#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A masked text frame up to 125 bytes of payload; the mask is zero: the payload stands as it is. */
static void send_text(int fd, const char *text) {
    size_t len = strlen(text);
    unsigned char frame[6 + 125] = {0x81, (unsigned char)(0x80 | len)};
    memcpy(frame + 6, text, len);
    if (write(fd, frame, 6 + len) < 0)
        load_die("write");
}

/* Our own pings carry nothing, so neither does the answer. */
static void pong(int fd) {
    static const unsigned char frame[6] = {0x8a, 0x80};
    if (write(fd, frame, sizeof frame) < 0)
        load_die("write");
}

static bool begins(const char *payload, size_t len, const char *with) {
    return len >= strlen(with) && memcmp(payload, with, strlen(with)) == 0;
}

typedef void on_text(struct client *c, const char *payload, size_t len, uint64_t now);

/* Whole frames in the buffer; returns the bytes used. */
static size_t frames(struct client *c, uint64_t now, on_text *text) {
    size_t at = 0;
    while (c->len - at >= 2) {
        const unsigned char *p = (unsigned char *)c->buf + at;
        size_t head = 2, len = p[1] & 127;
        if (len == 126) {
            if (c->len - at < 4)
                break;
            len = (size_t)p[2] << 8 | p[3];
            head = 4;
        }
        if (c->len - at < head + len)
            break;
        if ((p[0] & 15) == 1)
            text(c, (const char *)p + head, len, now);
        else if ((p[0] & 15) == 9)
            pong(c->fd);
        else if ((p[0] & 15) == 8)
            load_die("closed by the server");
        at += head + len;
    }
    return at;
}

static int upgrade(const struct client *c, char *out, size_t cap) {
    (void)c;
    return snprintf(out, cap,
                    "GET %s HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
                    load_path);
}

/* ------------------------------------------------------------------ channels */

static void say(struct client *c, const char *action) {
    char text[125];
    snprintf(text, sizeof text, "{\"action\":\"%s\",\"channels\":[\"%s\"]}", action, c->channel);
    send_text(c->fd, text);
}

/* "resume": the path says it all, and the server answers. */
static void subscribe(struct client *c) {
    load_opened(c);
    if (strcmp(c->channel, "-") == 0) {
        load_ready(c);
    } else if (strcmp(c->channel, "resume") != 0) {
        load_joins(c);
        say(c, "subscribe");
    }
}

static void subscribe_again(struct client *c) {
    load_joins(c);
    say(c, "unsubscribe");
    say(c, "subscribe");
}

static void channel_text(struct client *c, const char *payload, size_t len, uint64_t now) {
    if ((!c->ready || c->asked) && begins(payload, len, "{\"status\":\"subscribed\""))
        load_joined(c);
    else if (!begins(payload, len, "{\"status\":\"unsubscribed\""))
        load_message(c, payload, len, now);
}

static size_t channel_take(struct client *c, uint64_t now) {
    if (c->open)
        return frames(c, now, channel_text);
    size_t head = load_head(c, "101");
    if (head)
        subscribe(c);
    return head;
}

const struct dialect websocket = {"/ws", upgrade, channel_take, subscribe_again};

/* ------------------------------------------------------------------ Socket.IO */

static void join(struct client *c) {
    load_joins(c);
    send_text(c->fd, "420[\"tables:join\",{\"floor\":null}]");
}

static void join_again(struct client *c) {
    send_text(c->fd, "42[\"tables:leave\",{\"floor\":null}]");
    join(c);
}

static void packet(struct client *c, const char *payload, size_t len, uint64_t now) {
    if (memmem(payload, len, "\"ok\":false", 10)) {
        fprintf(stderr, "refused: %.*s\n", (int)len, payload);
        exit(1);
    }
    if (begins(payload, len, "2"))
        send_text(c->fd, "3");
    else if (!c->ready && begins(payload, len, "0{"))
        send_text(c->fd, "40");
    else if (!c->ready && begins(payload, len, "40{") && strcmp(c->channel, "-") != 0)
        join(c);
    else if (!c->ready && begins(payload, len, "40{"))
        load_ready(c);
    else if (begins(payload, len, "430["))
        load_joined(c);
    else if (!begins(payload, len, "42[\"tables:connected\""))
        load_message(c, payload, len, now);
}

static size_t packet_take(struct client *c, uint64_t now) {
    if (c->open)
        return frames(c, now, packet);
    size_t head = load_head(c, "101");
    if (head)
        load_opened(c);
    return head;
}

const struct dialect socketio = {"/socket.io/", upgrade, packet_take, join_again};
