/* admin_encode.c - TableInfo {id, number, status, session} (SPEC 5.2, seed 000) from a table's document.
 *
 * The same words as GET /admin/api/tables, where SQL makes them; a test holds the two together.
 * A table that is deleted is told once more, as it was last, with "deleted":true beside it.
 */
#include "config.h"

#include "proto/admin_inner.h"

#include "core/words.h"
#include "proto/documents.h"

static const struct said snapshot = {
    .type = "tables_snapshot", .schema = "TableInfoList", .marks = SAID_BARE};
static const struct said update = {.type = "table_update",
                                   .member = "table",
                                   .schema = "TableInfo",
                                   .kind = "table",
                                   .marks = SAID_BARE | SAID_DELETED};

static const struct {
    const char *status, *shown;
    bool reserved;
} shown_as[] = {
    {"available", "free", false},
    {"reserved", "free", true},
    {"occupied", "occupied", false},
    {"maintenance", "disabled", false},
};

static void status_put(const char *status, struct str *out) {
    for (unsigned i = 0; i < sizeof shown_as / sizeof *shown_as; i++) {
        if (!str_eq(shown_as[i].status, status))
            continue;
        put_text(out, "status", shown_as[i].shown);
        if (shown_as[i].reserved)
            put_bool(out, "reserved", true);
    }
}

static void info_put(struct str *out, const char *key, const struct json *table) {
    static const char *const session_fields[] = {"id", "last_active", NULL};
    const struct json *session = json_get(table, "session");
    put_open(out, key, '{');
    put_value(out, "id", json_get(table, "id"));
    put_value(out, "number", json_get(table, "number"));
    status_put(json_string(json_get(table, "status"), NULL), out);
    if (json_type_of(session) == JSON_OBJECT)
        document_fields(out, "session", session, session_fields);
    else
        put_json(out, "session", "null");
    put_close(out, '}');
}

struct frame *admin_encode(const struct event *e, unsigned variant) {
    bool masked = variant & VARIANT_MASKED;
    const struct json *now = event_new(e, masked);
    bool active = true;
    struct str out = STR_INIT;
    if (!event_is(e, "table"))
        return NULL;
    bool gone = !now || (json_bool(json_get(now, "isActive"), &active) && !active);
    put_open(&out, NULL, '{');
    put_text(&out, "type", update.type);
    info_put(&out, update.member, now ? now : event_old(e, masked));
    if (gone)
        put_bool(&out, "deleted", true);
    put_close(&out, '}');
    struct frame *f = frame_new(out.p, out.len, false);
    str_free(&out);
    return f;
}

void admin_snapshot(const struct json *tables, struct str *out) {
    put_open(out, NULL, '{');
    put_text(out, "type", snapshot.type);
    put_open(out, "tables", '[');
    for (size_t i = 0; i < json_length(tables); i++)
        info_put(out, NULL, json_at(tables, i));
    put_close(out, ']');
    put_close(out, '}');
}

void admin_words(struct words *w) {
    w->say(w, &snapshot);
    w->say(w, &update);
}
