/* put.h - members and elements appended to a JSON text, each with the comma that it needs.
 *
 * The documents about the interfaces are put together with it (OpenAPI: rest/openapi*.c, AsyncAPI:
 * realtime/asyncapi*.c), and what the protos make of events. A key of NULL makes an element of an array; whether a comma is due is seen
 * from the text's last character.
 */
#ifndef BASE_PUT_H
#define BASE_PUT_H

#include "base/json.h"

void put_open(struct str *o, const char *key, char bracket);
void put_close(struct str *o, char bracket);
void put_text(struct str *o, const char *key, const char *value);
void put_textf(struct str *o, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void put_long(struct str *o, const char *key, long value);
void put_bool(struct str *o, const char *key, bool value);
void put_json(struct str *o, const char *key, const char *json); /* JSON text as it is */
void put_value(struct str *o, const char *key, const struct json *value); /* NULL: null */
/* "key":{"$ref":"#/components/SECTION/NAME"} */
void put_ref(struct str *o, const char *key, const char *section, const char *name);

#endif
