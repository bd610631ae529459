/* documents.h - parts of documents as several languages show them: an order as SPEC 5.3 has it.
 *
 * Members are chosen by name, so what is the staff's (notes, who waits, who took the payment) never
 * reaches a guest. All append to a message that message_begin has begun.
 */
#ifndef PROTO_DOCUMENTS_H
#define PROTO_DOCUMENTS_H

#include "base/json.h"
#include "core/event.h"

/* ,"name":value; absent and null are null */
void document_member(struct str *out, const char *name, const struct json *v);
/* {"a":...,"b":...} of those members; `names` ends with NULL. */
void document_fields(struct str *out, const struct json *doc, const char *const *names);
/* ,"order":{id, order_number, restaurant_id, ... items} */
void document_order(struct str *out, const struct json *order);
void document_items(struct str *out, const struct json *order); /* ,"items":[...] */
/* The aggregate after the change, or as it last was. */
const struct json *document_of(const struct event *e, bool masked);

#endif
