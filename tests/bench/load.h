/* load.h - what the load generator's files share: a client, what it speaks, what is counted. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUFFER 65536

struct client {
    int fd;
    bool open;             /* the answer's head has come */
    bool ready;            /* and all that comes before the first message */
    bool told;             /* something already */
    uint64_t began, asked; /* us; asked: 0 when it waits for no join */
    size_t len;
    const char *token;   /* "-": none */
    const char *channel; /* "-": it asks for none */
    char cursor[64];     /* of a poller */
    char buf[BUFFER];
};

struct dialect {
    const char *path; /* begins so */
    /* What is sent first, without the headers that all have; returns its length. */
    int (*request)(const struct client *c, char *out, size_t cap);
    /* Takes what is whole in the buffer; returns the bytes used. */
    size_t (*take)(struct client *c, uint64_t now);
    /* Leaves what it has joined and joins it anew; NULL: it can't. */
    void (*again)(struct client *c);
};

extern const struct dialect websocket, socketio, event_stream, long_poll;

extern const char *load_path;

void load_opened(struct client *c); /* once a client */
void load_ready(struct client *c);  /* once a client */
void load_joins(struct client *c);  /* asks to join */
void load_joined(struct client *c); /* the answer; ready, too */
void load_message(struct client *c, const char *text, size_t len,
                  uint64_t now);     /* one was delivered */
void load_request(struct client *c); /* asks (again) */
/* The length of the head in the buffer, of a status that begins so; 0: not all of it is here. */
size_t load_head(const struct client *c, const char *status);
void load_die(const char *what);

#endif
