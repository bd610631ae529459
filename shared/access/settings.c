/* settings.c - the table of maitred.conf and the few readings of it that programs share.
 *
 * Called once at start by every program and again on SIGHUP. Owns nothing: the strings belong to
 * the caller's struct settings. A new key is one row here and one member in settings.h.
 */
#include "config.h"

#include "access/settings.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(member) offsetof(struct settings, member)
#define RELOAD     CONFIG_RELOAD

const struct config_row settings_rows[] = {
    {"database", CONFIG_STRING, AT(database), "dbname=maitred", 0, 0, CONFIG_SECRET,
     "libpq connection text (keyword=value), without a user"},
    {"rest_role", CONFIG_STRING, AT(rest_role), "maitred_rest", 0, 63, 0,
     "database role of the REST programs"},
    {"realtime_role", CONFIG_STRING, AT(realtime_role), "maitred_realtime", 0, 63, 0,
     "database role of the sidecar"},
    {"owner_role", CONFIG_STRING, AT(owner_role), "", 0, 63, 0,
     "database role of the command-line tool; empty: the system user's"},
    {"key_dir", CONFIG_PATH, AT(key_dir), "/etc/maitred/keys", 0, 0, 0,
     "folder of the token keys (NAME.hs256, NAME.rs256.pem, NAME.es256.pem)"},
    {"sign_kid", CONFIG_STRING, AT(sign_kid), "", 0, 64, 0,
     "name of the key that signs; empty: the one whose name sorts last"},
    {"issuer", CONFIG_STRING, AT(issuer), "maitred", 1, 200, 0, "iss of our tokens"},
    {"audience", CONFIG_STRING, AT(audience), "maitred", 1, 200, 0, "aud of our tokens"},
    {"provider_issuers", CONFIG_LIST, AT(provider_issuers), "", 0, 0, 0,
     "iss of the tokens of outside providers, which the public keys are for; empty: as issuer"},
    {"token_lifetime_s", CONFIG_INT, AT(token_lifetime_s), "43200", 60, 2592000, 0,
     "seconds that a login lasts"},
    {"guest_token_lifetime_s", CONFIG_INT, AT(guest_token_lifetime_s), "28800", 60, 604800, 0,
     "seconds that a guest's token lasts, unless its table session closes before"},
    {"positions_file", CONFIG_PATH, AT(positions_file), "/run/maitred/positions", 0, 0, 0,
     "the shared page of feed positions"},
    {"state_dir", CONFIG_PATH, AT(state_dir), "/var/lib/maitred", 0, 0, 0,
     "folder for state that outlives a restart"},
    {"allowed_origins", CONFIG_LIST, AT(allowed_origins), "", 0, 0, 0,
     "origins of other sites whose pages may call us, e.g. https://shop.example"},
    {"trusted_proxies", CONFIG_LIST, AT(trusted_proxies), "127.0.0.1, ::1", 0, 0, 0,
     "addresses of web servers whose X-Forwarded-For and -Proto are believed"},
    {"log_level", CONFIG_STRING, AT(log_level), "info", 4, 5, RELOAD, "debug, info, warn or error"},
    {"cookie_secure", CONFIG_BOOL, AT(cookie_secure), "false", 0, 0, 0,
     "always mark the login cookie Secure; else only when a proxy says https"},

    {"threads", CONFIG_INT, AT(threads), "8", 1, 256, 0,
     "requests that a REST program serves at once"},
    {"body_max", CONFIG_INT, AT(body_max), "262144", 1024, 16777216, 0,
     "largest request body in bytes"},
    {"body_timeout_s", CONFIG_INT, AT(body_timeout_s), "30", 1, 3600, 0,
     "seconds that a request's body may take to arrive"},
    {"requests_per_second_account", CONFIG_INT, AT(requests_per_second_account), "100", 0, 100000,
     RELOAD, "REST requests of one account, or of one table's guests; 0: any number"},
    {"requests_per_second_address", CONFIG_INT, AT(requests_per_second_address), "500", 0, 100000,
     RELOAD, "REST requests from one address; 0: any number"},
    {"answer_cache_bytes", CONFIG_INT, AT(answer_cache_bytes), "16777216", 0, 4294967296, 0,
     "memory of each REST program for answers that are still true; 0: each is read anew"},
    {"answer_cache_entries", CONFIG_INT, AT(answer_cache_entries), "8192", 8, 1048576, 0,
     "how many answers that may be"},
    {"uri_prefix", CONFIG_STRING, AT(uri_prefix), "", 0, 200, 0,
     "path before /api when the service does not stand at the root, e.g. /maitred"},

    {"rt_listen_address", CONFIG_STRING, AT(rt_listen_address), "127.0.0.1", 2, 45, 0,
     "address that the sidecar listens on"},
    {"rt_port", CONFIG_INT, AT(rt_port), "8081", 0, 65535, 0,
     "port of the sidecar; 0: any free one"},
    {"ping_interval_ms", CONFIG_INT, AT(ping_interval_ms), "15000", 100, 3600000, RELOAD,
     "how often a quiet WebSocket is pinged"},
    {"ping_timeout_ms", CONFIG_INT, AT(ping_timeout_ms), "10000", 100, 3600000, RELOAD,
     "how long its answer may take"},
    {"handshake_timeout_ms", CONFIG_INT, AT(handshake_timeout_ms), "10000", 100, 600000, RELOAD,
     "how long a client may take over its request"},
    {"stats_interval_ms", CONFIG_INT, AT(stats_interval_ms), "250", 10, 60000, RELOAD,
     "shortest time between two sets of figures of one venue"},
    {"feed_poll_ms", CONFIG_INT, AT(feed_poll_ms), "5000", 100, 600000, RELOAD,
     "how often the feed is read when nothing woke us"},
    {"ring_events", CONFIG_INT, AT(ring_events), "1024", 16, 1048576, 0,
     "events a venue kept in memory for those who come back"},
    {"queue_bytes", CONFIG_INT, AT(queue_bytes), "1048576", 16384, 1073741824, RELOAD,
     "bytes that may wait for one client before it is closed"},
    {"message_max", CONFIG_INT, AT(message_max), "16384", 1024, 16777216, RELOAD,
     "largest message from a client in bytes"},
    {"messages_per_second", CONFIG_INT, AT(messages_per_second), "50", 1, 100000, RELOAD,
     "messages that a client may send in a second"},
    {"subscriptions_max", CONFIG_INT, AT(subscriptions_max), "64", 1, 4096, RELOAD,
     "channels that one connection may hold"},
    {"max_connections", CONFIG_INT, AT(max_connections), "10000", 1, 1000000, RELOAD,
     "connections that one sidecar takes"},
    {"max_per_account", CONFIG_INT, AT(max_per_account), "200", 1, 1000000, RELOAD,
     "connections of one account, over all sidecars"},
    {"max_per_venue", CONFIG_INT, AT(max_per_venue), "5000", 1, 1000000, RELOAD,
     "connections of one venue, over all sidecars"},
    {"max_per_address", CONFIG_INT, AT(max_per_address), "5000", 1, 1000000, RELOAD,
     "connections from one address, over all sidecars"},
    {"resume_ttl_s", CONFIG_INT, AT(resume_ttl_s), "86400", 60, 2592000, RELOAD,
     "seconds that a lost connection's session can be resumed"},
    {"admin_connections", CONFIG_INT, AT(admin_connections), "5", 1, 1000, RELOAD,
     "admin connections of one restaurant, over all sidecars"},
    {"admin_idle_s", CONFIG_INT, AT(admin_idle_s), "1800", 1, 86400, RELOAD,
     "seconds without an action after which an admin connection is closed"},
    {"engineio_ping_interval_ms", CONFIG_INT, AT(engineio_ping_interval_ms), "3000", 100, 3600000,
     RELOAD, "how often a Socket.IO client is pinged"},
    {"engineio_ping_timeout_ms", CONFIG_INT, AT(engineio_ping_timeout_ms), "2000", 100, 3600000,
     RELOAD, "how long its answer may take"},
    {"engineio_payload_max", CONFIG_INT, AT(engineio_payload_max), "16384", 1024, 16777216, RELOAD,
     "largest message or request body from a Socket.IO client in bytes"},
    {"tables_gather_ms", CONFIG_INT, AT(tables_gather_ms), "5", 0, 1000, RELOAD,
     "how long a change of a table waits for company (Socket.IO)"},
    {"tables_flush_ms", CONFIG_INT, AT(tables_flush_ms), "50", 0, 10000, RELOAD,
     "shortest time between two sets of changed tables of one venue (Socket.IO)"},
    {"tables_renew_s", CONFIG_INT, AT(tables_renew_s), "1800", 1, 86400, RELOAD,
     "how often what is kept of connected clients' rooms is looked after (Socket.IO)"},
    {"engineio_cookie", CONFIG_STRING, AT(engineio_cookie), "", 0, 64, 0,
     "name of a cookie with the Socket.IO session's id, for web servers that route by it; empty: "
     "none"},
    {"sidecar_route", CONFIG_STRING, AT(sidecar_route), "", 0, 24, 0,
     "how web servers know this sidecar: its Socket.IO sessions' ids end with a dot and this"},
    {"drain_seconds", CONFIG_INT, AT(drain_seconds), "3", 0, 300, RELOAD,
     "seconds over which clients are sent away at a stop"},
    {"takeover_ms", CONFIG_INT, AT(takeover_ms), "30000", 100, 3600000, RELOAD,
     "how long a successor may take to become ready (SIGUSR2)"},

    {"sql_dir", CONFIG_PATH, AT(sql_dir), "/usr/share/maitred/sql", 0, 0, 0,
     "folder of the migrations and the functions"},
    {NULL, CONFIG_STRING, 0, NULL, 0, 0, 0, NULL},
};

static const char *const level_names[] = {"debug", "info", "warn", "error"};
#define LEVELS (sizeof level_names / sizeof *level_names)

static int level_find(const char *name) {
    for (size_t i = 0; i < LEVELS; i++)
        if (str_eq(level_names[i], name))
            return (int)i;
    return -1;
}

static const char *file_of(const char *file) {
    if (!file)
        file = getenv("MAITRED_CONFIG");
    if (!file && access(SETTINGS_FILE, R_OK) == 0)
        file = SETTINGS_FILE;
    return file;
}

static bool is_name(const char *text) {
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_')
            return false;
    return true;
}

bool settings_load(struct settings *s, const char *file, struct err *e) {
    memset(s, 0, sizeof *s);
    if (!config_load(settings_rows, s, file_of(file), e))
        return false;
    if (level_find(s->log_level) < 0) {
        settings_free(s);
        return err_set(e, ERR_INVALID_REQUEST, "log_level is none of debug, info, warn, error");
    }
    if (!is_name(s->engineio_cookie) || !is_name(s->sidecar_route)) {
        settings_free(s);
        return err_set(e, ERR_INVALID_REQUEST,
                       "engineio_cookie and sidecar_route take letters, digits, - and _");
    }
    if (*s->uri_prefix &&
        (*s->uri_prefix != '/' || s->uri_prefix[strlen(s->uri_prefix) - 1] == '/')) {
        settings_free(s);
        return err_set(e, ERR_INVALID_REQUEST,
                       "uri_prefix starts with / and does not end with one");
    }
    return true;
}

/* Rows of one type in one struct: swapping bytes keeps each string with exactly one owner. */
static void row_swap(const struct config_row *row, struct settings *a, struct settings *b) {
    size_t size = row->type == CONFIG_INT    ? sizeof(long)
                  : row->type == CONFIG_BOOL ? sizeof(bool)
                                             : sizeof(char *);
    unsigned char *x = (unsigned char *)a + row->offset, *y = (unsigned char *)b + row->offset;
    unsigned char keep[sizeof(char *) > sizeof(long) ? sizeof(char *) : sizeof(long)];
    memcpy(keep, x, size);
    memcpy(x, y, size);
    memcpy(y, keep, size);
}

bool settings_reload(struct settings *s, const char *file, struct err *e) {
    struct settings fresh;
    if (!settings_load(&fresh, file, e))
        return false;
    for (const struct config_row *row = settings_rows; row->key; row++)
        if (row->flags & CONFIG_RELOAD)
            row_swap(row, s, &fresh);
    settings_free(&fresh);
    return true;
}

void settings_free(struct settings *s) {
    config_free(settings_rows, s);
}

enum log_level settings_log_level(const struct settings *s) {
    int level = level_find(s->log_level);
    return level < 0 ? LOG_INFO : (enum log_level)level;
}

struct auth_options settings_auth(const struct settings *s) {
    struct auth_options o = {
        .key_dir = s->key_dir,
        .sign_kid = *s->sign_kid ? s->sign_kid : NULL,
        .issuer = s->issuer,
        .audience = s->audience,
        .provider_issuers = s->provider_issuers,
        .lifetime_s = s->token_lifetime_s,
    };
    return o;
}

/* A libpq value in quotes: only ' and \ need a backslash. */
static void conninfo_put(struct str *out, const char *key, const char *value) {
    str_printf(out, " %s='", key);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            str_putc(out, '\\');
        str_putc(out, *value);
    }
    str_putc(out, '\'');
}

void settings_conninfo(const struct settings *s, const char *role, const char *program,
                       struct str *out) {
    str_puts(out, s->database);
    if (role && *role)
        conninfo_put(out, "user", role);
    conninfo_put(out, "application_name", program);
}

bool settings_listed(const char *list, const char *word) {
    size_t want = strlen(word);
    for (const char *p = list; want && *p;) {
        p += strspn(p, " \t,");
        size_t len = strcspn(p, ",");
        const char *next = p + len;
        while (len && isblank((unsigned char)p[len - 1]))
            len--;
        if (len == want && memcmp(p, word, len) == 0)
            return true;
        p = next;
    }
    return false;
}
