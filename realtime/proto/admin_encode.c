/* admin_encode.c - TableInfo {id, number, status, session} (SPEC 5.2, seed 000) from a table's document.
 *
 * The same words as GET /admin/api/tables, where SQL makes them; a test holds the two together.
 * A table that is deleted is told once more, as it was last, with "deleted":true beside it.
 */
#include "config.h"

#include "proto/admin_inner.h"

#include "core/words.h"

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
    for (unsigned i = 0; i < sizeof shown_as / sizeof *shown_as; i++)
        if (str_eq(shown_as[i].status, status))
            str_printf(out, ",\"status\":\"%s\"%s", shown_as[i].shown,
                       shown_as[i].reserved ? ",\"reserved\":true" : "");
}

static void member_put(struct str *out, const char *name, const struct json *v) {
    str_printf(out, "\"%s\":", name);
    json_write(v, out);
}

static void info_put(const struct json *table, struct str *out) {
    const struct json *session = json_get(table, "session");
    str_putc(out, '{');
    member_put(out, "id", json_get(table, "id"));
    str_putc(out, ',');
    member_put(out, "number", json_get(table, "number"));
    status_put(json_string(json_get(table, "status"), NULL), out);
    str_puts(out, ",\"session\":");
    if (json_type_of(session) == JSON_OBJECT) {
        str_putc(out, '{');
        member_put(out, "id", json_get(session, "id"));
        str_putc(out, ',');
        member_put(out, "last_active", json_get(session, "last_active"));
        str_putc(out, '}');
    } else {
        str_puts(out, "null");
    }
    str_putc(out, '}');
}

struct frame *admin_encode(const struct event *e, unsigned variant) {
    bool masked = variant & VARIANT_MASKED;
    const struct json *now = event_new(e, masked);
    bool active = true;
    struct str out = STR_INIT;
    if (!event_is(e, "table"))
        return NULL;
    bool gone = !now || (json_bool(json_get(now, "isActive"), &active) && !active);
    str_printf(&out, "{\"type\":\"%s\",\"%s\":", update.type, update.member);
    info_put(now ? now : event_old(e, masked), &out);
    str_puts(&out, gone ? ",\"deleted\":true}" : "}");
    struct frame *f = frame_new(out.p, out.len, false);
    str_free(&out);
    return f;
}

void admin_snapshot(const struct json *tables, struct str *out) {
    str_printf(out, "{\"type\":\"%s\",\"tables\":[", snapshot.type);
    for (size_t i = 0; i < json_length(tables); i++) {
        if (i)
            str_putc(out, ',');
        info_put(json_at(tables, i), out);
    }
    str_puts(out, "]}");
}

void admin_words(struct words *w) {
    w->say(w, &snapshot);
    w->say(w, &update);
}
