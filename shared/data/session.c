/* session.c - from a bearer text to a principal that may act now; see session.h.
 *
 * A token costs no query while the positions page is fresh. An API key is kept in a small table of
 * this process, and believed while the page is fresh, the venue's accounts area has not moved and
 * a minute has not passed (so that "last used" stays true to the minute).
 */
#include <config.h>

#include "data/session.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_SLOTS  256 /* a power of two */
#define CACHE_MAX_MS 60000

/* ---- tokens */

static bool ask_token(struct db *db, const struct principal *p, struct arena *a, struct err *e) {
    struct answer answer;
    struct op_values values = {.n = 2, .v = {p->jti, arena_printf(a, "%lld", (long long)p->iat)}};
    return db_call(db, op_find("session_check"), p, &values, NULL, a, &answer, e);
}

static bool token_current(struct positions *page, struct db *db, const struct principal *p,
                          struct arena *a, struct err *e) {
    if (!positions_fresh(page))
        return ask_token(db, p, a, e);
    if (positions_revoked(page, p->jti_hash))
        return err_set(e, ERR_TOKEN_REVOKED, "The token has been revoked.");
    if (!positions_venue_ok(page, p->venue) ||
        (p->account && !positions_account_ok(page, p->account, p->iat)))
        return err_set(e, ERR_ROLE_CHANGED, "The account has changed; log in again.");
    return true;
}

/* ---- API keys */

struct entry {
    char hash[65];
    struct principal principal;
    int64_t accounts_seq; /* of the page, read before the database was asked; -1: not known then */
    char epoch[9];
    uint64_t asked_ms;
};

static struct entry cache[CACHE_SLOTS];
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;

static struct entry *entry_of(const char *hash) {
    unsigned slot = 0;
    for (int i = 0; i < 4; i++)
        slot = slot * 31 + (unsigned char)hash[i];
    return &cache[slot & (CACHE_SLOTS - 1)];
}

/* Where the venue's accounts area stands on a page that may be believed; -1: nowhere to be seen. */
static int64_t accounts_seq(struct positions *page, int64_t venue, char epoch[9]) {
    int64_t seq, areas[AREA_COUNT];
    epoch[0] = '\0';
    if (!venue || !positions_fresh(page) || !positions_epoch(page, epoch) ||
        !positions_venue_ok(page, venue) || !positions_read(page, venue, &seq, areas))
        return -1;
    return areas[AREA_ACCOUNTS];
}

static bool cache_find(const char *hash, struct entry *out) {
    pthread_mutex_lock(&cache_lock);
    struct entry *entry = entry_of(hash);
    bool found = strcmp(entry->hash, hash) == 0;
    if (found)
        *out = *entry;
    pthread_mutex_unlock(&cache_lock);
    return found;
}

static void cache_put(const struct entry *entry) {
    pthread_mutex_lock(&cache_lock);
    *entry_of(entry->hash) = *entry;
    pthread_mutex_unlock(&cache_lock);
}

static void cache_drop(const char *hash) {
    pthread_mutex_lock(&cache_lock);
    struct entry *entry = entry_of(hash);
    if (strcmp(entry->hash, hash) == 0)
        memset(entry, 0, sizeof *entry);
    pthread_mutex_unlock(&cache_lock);
}

static bool copy_text(const struct json *v, char *out, size_t cap) {
    const char *text = json_string(v, NULL);
    return text && (size_t)snprintf(out, cap, "%s", text) < cap;
}

/* A number that may be absent. */
static bool number_of(const struct json *body, const char *name, int64_t *out) {
    const struct json *v = json_get(body, name);
    *out = 0;
    return !v || json_type_of(v) == JSON_NULL || json_int(v, out);
}

static bool copy_any(const struct json *body, const char *name, char *out, size_t cap) {
    const struct json *v = json_get(body, name);
    *out = '\0';
    return !v || json_type_of(v) == JSON_NULL || copy_text(v, out, cap);
}

static bool person_read(const struct json *body, struct principal *out) {
    char key[24];
    out->role = role_parse(json_string(json_get(body, "role"), NULL));
    bool ok = out->role != ROLE_NONE && number_of(body, "account", &out->account) &&
              json_int(json_get(body, "venue"), &out->venue) &&
              number_of(body, "session", &out->session) && number_of(body, "order", &out->order) &&
              number_of(body, "iat", &out->iat) && number_of(body, "exp", &out->exp) &&
              copy_text(json_get(body, "username"), out->name, sizeof out->name) &&
              copy_text(json_get(body, "slug"), out->slug, sizeof out->slug) &&
              copy_any(body, "jti", out->jti, sizeof out->jti) &&
              copy_any(body, "key", key, sizeof key);
    out->key = ok ? strtoull(key, NULL, 16) : 0;
    out->jti_hash = ok ? text_hash(out->jti) : 0;
    return ok;
}

bool session_person(const struct answer *answer, struct principal *out, struct err *e) {
    struct json *body = json_parse(answer->body ? answer->body : "", answer->body_len, e);
    memset(out, 0, sizeof *out);
    bool ok = body && person_read(body, out);
    json_free(body);
    return ok || err_set(e, ERR_INTERNAL, "%s", "");
}

/* What the account is called and may do; whose token it is stays. */
static void adopt(const struct principal *account, struct principal *p) {
    p->role = account->role;
    memcpy(p->name, account->name, sizeof p->name);
    memcpy(p->slug, account->slug, sizeof p->slug);
}

bool session_adopt(const struct answer *answer, struct principal *p, struct err *e) {
    struct principal account;
    if (!session_person(answer, &account, e))
        return false;
    adopt(&account, p);
    return true;
}

static bool ask_key(struct db *db, const char *hash, struct arena *a, struct principal *out,
                    struct err *e) {
    struct answer answer;
    struct op_values values = {.n = 1, .v = {hash}};
    return db_call(db, op_find("api_key_session"), NULL, &values, NULL, a, &answer, e) &&
           session_person(&answer, out, e);
}

static bool ask_account(struct db *db, const struct principal *p, struct arena *a,
                        struct principal *out, struct err *e) {
    struct answer answer;
    struct op_values values = {.n = 2, .v = {p->jti, arena_printf(a, "%lld", (long long)p->iat)}};
    return db_call(db, op_find("session_account"), p, &values, NULL, a, &answer, e) &&
           session_person(&answer, out, e);
}

static bool still_good(const struct entry *entry, int64_t seq, const char *epoch) {
    return seq >= 0 && entry->accounts_seq == seq && strcmp(entry->epoch, epoch) == 0 &&
           clock_mono_ms() - entry->asked_ms < CACHE_MAX_MS;
}

/* Begins an entry with where the page stands: it is read before the database, so that a change
 * between the two makes the entry too old, never too new. */
static void entry_begin(struct entry *entry, const char *hash, int64_t seq, const char *epoch) {
    memset(entry, 0, sizeof *entry);
    snprintf(entry->hash, sizeof entry->hash, "%s", hash);
    snprintf(entry->epoch, sizeof entry->epoch, "%s", epoch);
    entry->accounts_seq = seq;
    entry->asked_ms = clock_mono_ms();
}

/* A key seen for the first time has no venue to look up, so its second use asks again. */
static bool key_current(struct positions *page, struct db *db, const char *key, struct arena *a,
                        struct principal *out, struct err *e) {
    struct entry entry;
    char hash[65], epoch[9];
    api_key_hash(key, hash);
    bool known = cache_find(hash, &entry);
    int64_t seq = accounts_seq(page, known ? entry.principal.venue : 0, epoch);
    if (known && still_good(&entry, seq, epoch)) {
        *out = entry.principal;
        return true;
    }
    entry_begin(&entry, hash, seq, epoch);
    if (!ask_key(db, hash, a, &entry.principal, e)) {
        if (e->http == 401)
            cache_drop(hash);
        return false;
    }
    cache_put(&entry);
    *out = entry.principal;
    return true;
}

/* ---- tokens of an outside provider */

/* Whose word counts is the account's row, not the token: its role, name and slug are read there,
 * and that it is of the venue that the token names. */
static bool outside_current(struct positions *page, struct db *db, struct arena *a,
                            struct principal *p, struct err *e) {
    struct entry entry;
    char name[64], hash[65], epoch[9];
    snprintf(name, sizeof name, "account %lld %lld", (long long)p->venue, (long long)p->account);
    sha256_hex(name, strlen(name), hash);
    int64_t seq = accounts_seq(page, p->venue, epoch);
    if (cache_find(hash, &entry) && still_good(&entry, seq, epoch)) {
        adopt(&entry.principal, p);
        return token_current(page, db, p, a, e);
    }
    entry_begin(&entry, hash, seq, epoch);
    if (!ask_account(db, p, a, &entry.principal, e))
        return false;
    cache_put(&entry);
    adopt(&entry.principal, p);
    return true;
}

bool session_principal(const struct auth *auth, struct positions *page, struct db *db,
                       const char *bearer, int64_t now, struct arena *a, struct principal *out,
                       struct err *e) {
    if (!bearer || !*bearer)
        return err_set(e, ERR_UNAUTHENTICATED, "Authentication is required.");
    if (api_key_looks(bearer)) {
        if (!key_current(page, db, bearer, a, out, e))
            return false;
        out->iat = now; /* as if made just now; exp 0: it does not run out */
        return true;
    }
    if (!auth_verify(auth, bearer, now, out, e))
        return false;
    return out->outside ? outside_current(page, db, a, out, e) : token_current(page, db, out, a, e);
}
