/* auth.h - tokens, keys and passwords; the only user of libjwt and of crypt_r.
 *
 * JWT (RFC 7519): the algorithm is pinned to the key, `kid` selects the key, `none` and every
 * confusion of algorithms are refused (RFC 8725), exp, nbf, iat, iss and aud are checked with 0 s leeway for
 * exp. libjwt's traps are closed here: empty key, algorithm taken from the token, missing or
 * non-integer claims, NULL token. Tokens and keys never reach a log or an error detail.
 * Thread-safe after auth_load: struct auth is const until auth_free, but for the tokens whose
 * signature was found right, which it remembers (auth_seen.c) so that a poll does not pay for it anew.
 */
#ifndef ACCESS_AUTH_H
#define ACCESS_AUTH_H

#include "access/permissions.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdint.h>

struct auth; /* the loaded keys */

struct auth_options {
    const char *key_dir;  /* NAME.hs256 (raw secret, >= 32 bytes), NAME.rs256.pem, NAME.es256.pem
                             (public keys of an outside provider: verify only); NAME is the kid */
    const char *sign_kid; /* which HS256 key signs; NULL: the one whose name sorts last */
    const char *issuer, *audience;
    const char *provider_issuers; /* comma list: iss of tokens under a public key; "": issuer */
    long lifetime_s;              /* of tokens that auth_sign makes */
};

/* Who is asking. Plain data, no pointers out of itself: it may be copied and kept. */
struct principal {
    enum role role;
    int64_t venue;
    int64_t account;   /* 0 for a guest */
    int64_t session;   /* guest: the table session, else 0 */
    int64_t order;     /* guest: the order, else 0 */
    int64_t iat, exp;  /* Unix seconds; exp 0: an API key, which does not expire */
    int64_t nbf;       /* Unix seconds; 0: the token does not say */
    uint64_t key;      /* auth_key_known's; 0: an API key, which needs none */
    bool outside; /* an outside provider's word: role, name and slug are the database's to say */
    char name[64];     /* account's username: the actor of its changes */
    char slug[64];     /* venue's */
    char jti[48];
    uint64_t jti_hash; /* text_hash() of it; 0: it has none */
};

struct auth *auth_load(const struct auth_options *o, struct err *e) must_check;
void auth_free(struct auth *a);

/* TOKEN_INVALID or TOKEN_EXPIRED on false. `now` in Unix seconds. Does not know of revocation:
 * that is the positions page's or the database's business (data/session.h). */
bool auth_verify(const struct auth *a, const char *token, int64_t now, struct principal *out,
                 struct err *e) must_check;
/* Is the key that a token was verified with still there, unchanged? After a reload. */
bool auth_key_known(const struct auth *a, uint64_t key);
/* Fills jti, key, iat and exp (exp only when 0), signs; the text is the caller's (x_free). */
char *auth_sign(const struct auth *a, struct principal *p, int64_t now, struct err *e) must_check;

/* A signed statement of our own, e.g. the resume session (account, venue, channels): HMAC-SHA-256
 * with a key derived from the signing key, base64url. open gives the payload text (x_free) or NULL. */
char *auth_seal(const struct auth *a, const char *purpose, const char *payload, int64_t exp);
char *auth_open(const struct auth *a, const char *purpose, const char *sealed, int64_t now);

/* API keys: "mk_" + 43 base64url characters; tickets: "mt_" and the same. Stored as hex SHA-256. */
bool api_key_looks(const char *bearer);
void api_key_make(char key[48]);
bool ticket_looks(const char *text);
void ticket_make(char ticket[48]);
void api_key_hash(const char *key, char hex[65]);

/* yescrypt through crypt_r. password_verify takes as long for an unknown account (hash NULL). */
char *password_hash(const char *password, struct err *e) must_check; /* x_free */
bool password_verify(const char *password, const char *hash);

/* Hex SHA-256, for the hash of an idempotency key and the like. */
void sha256_hex(const void *data, size_t len, char hex[65]);
/* The first 64 bits of a SHA-256, by which a token is found among the revoked; 0 of "" alone. */
uint64_t text_hash(const char *text);

void random_bytes(void *out, size_t len);
void random_hex(char *out, size_t hex_digits); /* writes the NUL too */

/* Where a client may put its token: the bearer text found, or NULL. `cookies` is the Cookie header. */
const char *auth_bearer(const char *authorization);
bool auth_cookie(const char *cookies, const char *name, char *out, size_t cap);
#define AUTH_COOKIE "maitred_token"

#endif
