/* documents.c - orders and parts of documents in the words of SPEC 5.3. See documents.h. Called by
 * the encodings of orders.c and entity_encode.c. */
#include "config.h"

#include "proto/documents.h"

static const char *const order_fields[] = {"id",           "order_number",   "restaurant_id",
                                           "table_number", "customer_name",  "customer_phone",
                                           "order_status", "payment_status", "payment_method",
                                           "total_price",  "estimated_time", "version",
                                           "created_at",   "updated_at",     NULL};
static const char *const item_fields[] = {"id",         "menu_item_id", "name",   "quantity",
                                          "unit_price", "notes",        "status", NULL};

static void members_put(struct str *out, const struct json *doc, const char *const *names) {
    for (; *names; names++)
        put_value(out, *names, json_get(doc, *names));
}

void document_fields(struct str *out, const char *key, const struct json *doc,
                     const char *const *names) {
    put_open(out, key, '{');
    members_put(out, doc, names);
    put_close(out, '}');
}

void document_items(struct str *out, const struct json *order) {
    const struct json *items = json_get(order, "items");
    put_open(out, "items", '[');
    for (size_t i = 0; i < json_length(items); i++)
        document_fields(out, NULL, json_at(items, i), item_fields);
    put_close(out, ']');
}

void document_order(struct str *out, const struct json *order) {
    put_open(out, "order", '{');
    members_put(out, order, order_fields);
    document_items(out, order);
    put_close(out, '}');
}

const struct json *document_of(const struct event *e, bool masked) {
    const struct json *doc = event_new(e, masked);
    return doc ? doc : event_old(e, masked);
}
