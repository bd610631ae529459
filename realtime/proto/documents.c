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

void document_member(struct str *out, const char *name, const struct json *v) {
    str_printf(out, ",\"%s\":", name);
    if (v)
        json_write(v, out);
    else
        str_puts(out, "null");
}

static void fields_put(struct str *out, const struct json *doc, const char *const *names) {
    size_t start = out->len;
    for (; *names; names++)
        document_member(out, *names, json_get(doc, *names));
    out->p[start] = '{'; /* instead of the first comma */
}

void document_fields(struct str *out, const struct json *doc, const char *const *names) {
    fields_put(out, doc, names);
    str_putc(out, '}');
}

void document_items(struct str *out, const struct json *order) {
    const struct json *items = json_get(order, "items");
    str_puts(out, ",\"items\":[");
    for (size_t i = 0; i < json_length(items); i++) {
        if (i)
            str_putc(out, ',');
        document_fields(out, json_at(items, i), item_fields);
    }
    str_putc(out, ']');
}

void document_order(struct str *out, const struct json *order) {
    str_puts(out, ",\"order\":");
    fields_put(out, order, order_fields);
    document_items(out, order);
    str_putc(out, '}');
}

const struct json *document_of(const struct event *e, bool masked) {
    const struct json *doc = event_new(e, masked);
    return doc ? doc : event_old(e, masked);
}
