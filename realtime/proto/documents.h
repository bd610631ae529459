/* documents.h - parts of documents as several languages show them: an order as SPEC 5.3 has it.
 *
 * Members are chosen by name, so what is the staff's (notes, who waits, who took the payment) never
 * reaches a guest. All append to a message that message_begin has begun.
 */
#ifndef PROTO_DOCUMENTS_H
#define PROTO_DOCUMENTS_H

#include "base/put.h"
#include "core/event.h"

/* "key":{"a":...,"b":...} of those members, the absent ones null; `names` ends with NULL. */
void document_fields(struct str *out, const char *key, const struct json *doc,
                     const char *const *names);
/* "order":{id, order_number, restaurant_id, ... items} */
void document_order(struct str *out, const struct json *order);
void document_items(struct str *out, const struct json *order); /* "items":[...] */
/* The aggregate after the change, or as it last was. */
const struct json *document_of(const struct event *e, bool masked);

#endif
