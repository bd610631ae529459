/* auth_keys.h - inside of access: the loaded keys, tokens seen, and base64url. Nobody outside access includes
 * it. */
#ifndef ACCESS_AUTH_KEYS_H
#define ACCESS_AUTH_KEYS_H

#include "access/auth.h"
#include "base/str.h"

#define KEY_KID_MAX 64

enum key_alg { KEY_HS256, KEY_RS256, KEY_ES256 };

struct key {
    char kid[KEY_KID_MAX];
    enum key_alg alg; /* pinned: no token can choose another one for this key */
    unsigned char *bytes;
    size_t len;
    struct evp_mac_ctx_st *seal; /* HMAC under a derived key, HS256 only */
    uint64_t id;                        /* of name, algorithm and bytes; never 0 */
};

/* Tokens that passed, see auth_seen.c; one a struct auth, so that other keys begin without any. */
struct seen;

struct seen *seen_new(void);
void seen_free(struct seen *s);
/* The principal of exactly this token; says nothing of its times. */
bool seen_find(struct seen *s, const char *token, size_t len, struct principal *out);
void seen_keep(struct seen *s, const char *token, size_t len, const struct principal *who);

struct auth {
    struct key *keys;
    int nkeys;
    const struct key *signer; /* one of keys, HS256 */
    char *issuer, *audience;
    char *provider_issuers; /* comma list, never empty */
    long lifetime_s;
    struct seen *seen;
};

/* RFC 4648 section 5, without padding. */
void base64url_put(struct str *out, const void *bytes, size_t len);
/* Strict: no padding, no blanks, no stray bits; appends the bytes. */
bool base64url_decode(const char *text, size_t len, struct str *out);

/* The key for statements of our own (HMAC-SHA-256, RFC 2104), so that a token can never be taken for one. */
void seal_key_new(struct key *key);
void seal_key_free(struct key *key);

#endif
