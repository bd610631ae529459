/* message.h - what all JSON languages on a WebSocket have in common (SPEC 5.1, 5.2): the text ping,
 * one object a message, the mark `requestId`, the acknowledged position, pong.
 */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include "base/json.h"
#include "core/conn.h"

/* `ping` or `"ping"`: answered with pong here; true when it was one. */
bool message_ping(struct conn *c, const char *text, size_t len, bool binary);
/* The message as an object, for json_free; NULL with INVALID_JSON. */
struct json *message_object(const char *text, size_t len, bool binary, struct err *e) must_check;
/* A member that must be text: false with MISSING_FIELD or INVALID_FIELD. */
bool message_text(const struct json *message, const char *name, const char **out,
                  struct err *e) must_check;
/* What the conn may acknowledge: everything of its venue up to there was pushed or filtered out. */
const char *message_cursor(const struct conn *c, char buf[POSITION_MAX]);
/* {"type":"...","timestamp":"...","cursor":"..." : how every message of these languages begins */
void message_begin(struct str *out, const char *type, const char *timestamp, const char *cursor);
/* What message_begin wrote; false when the text begins in another way. Points into the text. */
struct message_head {
    const char *type, *cursor;
    size_t type_len, cursor_len;
};
bool message_head(const char *text, struct message_head *out); /* NUL-terminated */
/* {"type":"error","code","detail"[,"errors"][,"requestId"]}, for languages without cursors */
void message_error(struct conn *c, const struct err *e, const char *request_id);
/* A refused action in the socket's words: what the op calls `id` is called `id_name` here (NULL: as it
 * is), and the first bad field is named in the error itself. */
void message_reword(struct err *e, const char *id_name);
/* What a language without cursors does with an action; false with an error, which is then told. */
typedef bool message_act(struct conn *c, const char *name, const struct json *message,
                         struct err *e);
/* One message of such a language: pings are answered, also {"type":"ping"} (S1), all else is for `act`. */
void message_take(struct conn *c, const char *text, size_t len, bool binary, message_act *act);
/* ,"requestId":"..." unless there is none */
void message_put_id(struct str *out, const char *request_id);
/* {"type":"pong","timestamp","cursor"[,"requestId"]} */
void message_pong(struct conn *c, const char *cursor, const char *request_id);
/* For the AsyncAPI document: the text ping, both pongs, and errors (`marks` of them); and with that
 * what message_take answers itself. */
struct words;
void message_words(struct words *w, unsigned marks);
void message_take_words(struct words *w);

#endif
