/* proto.h - a wire language (channels, admin, orders, ...): one file and one row of endpoints.c.
 *
 * A proto turns inbound messages into subscriptions and ops, and events and answers into text. It
 * never touches sockets: it pushes frames with conn_push*. All functions run in the loop's thread.
 */
#ifndef CORE_PROTO_H
#define CORE_PROTO_H

#include "core/event.h"

#define VARIANT_MASKED 1u /* personal data is masked; only where the event has any */

struct conn;
struct principal;
struct server;
struct words;
struct request; /* link/http.h: the upgrade request: path, query, headers; valid during open only */

struct proto {
    const char *name;  /* metric label: "channels" */
    int language;      /* its own, 0 to 255 */
    /* May this one open what the request names? Asked before there is a conn; NULL: yes. */
    bool (*admit)(struct server *s, const struct request *r, const struct principal *who,
                  struct err *e);
    /* The link is up, conn has its principal. May subscribe and push. */
    void (*open)(struct conn *c, const struct request *r);
    /* One whole message; text is UTF-8 checked and NUL-terminated behind len. */
    void (*message)(struct conn *c, const char *text, size_t len, bool binary);
    /* Which of the language's texts of the event this conn gets, 0 to 255, bit VARIANT_MASKED as
     * hub.c has it in `masked`; all of one variant share a frame. NULL: there is no more to it. */
    unsigned (*variant)(const struct conn *c, const struct event *e, unsigned masked);
    /* The event in this language, or NULL when the language does not speak of it. Called once an
     * event and variant; the frame's first reference passes to the event. */
    struct frame *(*encode)(const struct event *e, unsigned variant);
    /* Instead of pushing encode's frame: takes note of the event, to say it later together with others.
     * NULL: each event leaves by itself. */
    void (*gather)(struct conn *c, struct event *e);
    /* What the client knows of the venue can't be continued exactly any more (bulk change, new epoch,
     * trimmed): tell it and give it snapshots, holding meanwhile. NULL: the language needs none. */
    void (*resync)(struct conn *c);
    /* Up to where the conn has heard everything now, for links that say so without being asked;
     * `buf` holds POSITION_MAX. NULL on protos of WebSockets. */
    const char *(*cursor)(const struct conn *c, char *buf);
    /* Everything that is said on this path of the table of endpoints (words.h). NULL: the AsyncAPI
     * document does not speak of it. */
    void (*words)(const char *path, struct words *w);
    /* The connection is about to go: forget what points to it. May be NULL. */
    void (*closed)(struct conn *c);
};

#endif
