/* settings.h - every row of maitred.conf, for the REST programs, the sidecar and the tool alike.
 *
 * One file serves all programs, so that a key is named and explained once; each program reads the
 * members it needs. Const after settings_load. The file is --config, else MAITRED_CONFIG, else
 * SETTINGS_FILE if it exists; MAITRED_KEY in the environment overrides a key.
 * Lists are comma-separated text (settings_listed looks a word up). Strings live until
 * settings_free.
 */
#ifndef ACCESS_SETTINGS_H
#define ACCESS_SETTINGS_H

#include "access/auth.h"
#include "base/config.h"
#include "base/log.h"
#include "base/str.h"

#include <stdbool.h>

#define SETTINGS_FILE "/etc/maitred/maitred.conf"

struct settings {
    /* all programs */
    char *database; /* libpq keyword=value text without a user */
    char *rest_role, *realtime_role, *owner_role;
    char *key_dir, *sign_kid, *issuer, *audience, *provider_issuers;
    long token_lifetime_s, guest_token_lifetime_s;
    char *positions_file, *state_dir;
    char *allowed_origins, *trusted_proxies;
    char *log_level;
    bool cookie_secure;
    /* REST programs */
    long threads, body_max, body_timeout_s;
    long requests_per_second_account, requests_per_second_address;
    long answer_cache_bytes, answer_cache_entries;
    char *uri_prefix;
    /* the sidecar */
    char *rt_listen_address;
    long rt_port;
    long ping_interval_ms, ping_timeout_ms, handshake_timeout_ms;
    long stats_interval_ms, feed_poll_ms, ring_events;
    long queue_bytes, message_max, messages_per_second, subscriptions_max;
    long max_connections, max_per_account, max_per_venue, max_per_address;
    long resume_ttl_s, drain_seconds, takeover_ms;
    long tables_gather_ms, tables_flush_ms, tables_renew_s;
    long admin_connections, admin_idle_s;
    long engineio_ping_interval_ms, engineio_ping_timeout_ms, engineio_payload_max;
    char *engineio_cookie, *sidecar_route;
    /* the command-line tool */
    char *sql_dir;
};

extern const struct config_row settings_rows[]; /* for config_help */

/* `file` NULL: MAITRED_CONFIG, else SETTINGS_FILE if it is there, else environment and defaults. */
bool settings_load(struct settings *s, const char *file, struct err *e) must_check;
/* SIGHUP: takes over the rows marked CONFIG_RELOAD and nothing else; on false `s` is unchanged.
 * For programs with one thread; others load a fresh struct and pick what they need. */
bool settings_reload(struct settings *s, const char *file, struct err *e) must_check;
void settings_free(struct settings *s);

enum log_level settings_log_level(const struct settings *s);
/* The rows that auth_load wants; sign_kid is NULL when the row is empty. */
struct auth_options settings_auth(const struct settings *s);
/* `database` plus role and application_name, as libpq takes it. An empty role adds no user. */
void settings_conninfo(const struct settings *s, const char *role, const char *program,
                       struct str *out);
/* Whether `word` is a member of the comma-separated `list`; blanks around members don't count. */
bool settings_listed(const char *list, const char *word);

#endif
