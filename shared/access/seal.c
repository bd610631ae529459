/* seal.c - statements of our own under an HMAC, API keys, digests and randomness, over libcrypto.
 *
 * A seal is base64url(EXP ":" PAYLOAD) "." base64url(HMAC over PURPOSE NUL EXP ":" PAYLOAD), with a
 * key derived from an HS256 key: a token can't pass for a seal, nor one purpose's for another's.
 */
#include <config.h>

#include "access/auth_keys.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#define MAC_BYTES        32
#define SEALED_MAX_BYTES 16384
#define API_KEY_PREFIX   "mk_"
#define TICKET_PREFIX    "mt_"
#define SECRET_BYTES     32
#define SECRET_TEXT      43 /* base64url of 32 bytes */

/* Keyed once: what is left for each statement is its own bytes. Only copied from, so threads share it. */
static EVP_MAC_CTX *mac_keyed(const void *key, size_t len) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    require(ctx && EVP_MAC_init(ctx, key, len, params));
    EVP_MAC_free(hmac);
    return ctx;
}

static void mac_end(EVP_MAC_CTX *ctx, unsigned char out[MAC_BYTES]) {
    size_t n = 0;
    require(EVP_MAC_final(ctx, out, &n, MAC_BYTES) && n == MAC_BYTES);
    EVP_MAC_CTX_free(ctx);
}

void seal_key_new(struct key *key) {
    static const char label[] = "maitred sealed statements, version 1";
    unsigned char derived[MAC_BYTES];
    EVP_MAC_CTX *ctx = mac_keyed(key->bytes, key->len);
    require(EVP_MAC_update(ctx, (const unsigned char *)label, sizeof label - 1));
    mac_end(ctx, derived);
    key->seal = mac_keyed(derived, sizeof derived);
    OPENSSL_cleanse(derived, sizeof derived);
}

void seal_key_free(struct key *key) {
    EVP_MAC_CTX_free(key->seal);
    key->seal = NULL;
}

static void seal_mac(const struct key *key, const char *purpose, const char *body, size_t len,
                     unsigned char mac[MAC_BYTES]) {
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(key->seal);
    require(ctx && EVP_MAC_update(ctx, (const unsigned char *)purpose, strlen(purpose) + 1) &&
            EVP_MAC_update(ctx, (const unsigned char *)body, len));
    mac_end(ctx, mac);
}

char *auth_seal(const struct auth *a, const char *purpose, const char *payload, int64_t exp) {
    unsigned char mac[MAC_BYTES];
    struct str body = STR_INIT, out = STR_INIT;
    str_put_int(&body, exp);
    str_putc(&body, ':');
    str_puts(&body, payload);
    seal_mac(a->signer, purpose, body.p, body.len, mac);
    base64url_put(&out, body.p, body.len);
    str_putc(&out, '.');
    base64url_put(&out, mac, sizeof mac);
    str_free(&body);
    return str_steal(&out);
}

/* Any HS256 key will do, so that statements survive the rotation of keys. */
static bool mac_known(const struct auth *a, const char *purpose, const struct str *body,
                      const struct str *mac) {
    unsigned char want[MAC_BYTES];
    bool known = false;
    for (int i = 0; mac->len == MAC_BYTES && i < a->nkeys; i++) {
        if (a->keys[i].alg != KEY_HS256)
            continue;
        seal_mac(&a->keys[i], purpose, str_c(body), body->len, want);
        known = bytes_equal_ct(want, mac->p, MAC_BYTES) || known;
    }
    return known;
}

/* The payload behind a time that has not passed yet, or NULL. */
static char *payload_of(const char *body, int64_t now) {
    char until[24];
    long long exp;
    size_t n = strcspn(body, ":");
    if (n >= sizeof until || body[n] != ':')
        return NULL;
    memcpy(until, body, n);
    until[n] = '\0';
    return str_to_int64(until, &exp) && exp > now ? x_strdup(body + n + 1) : NULL;
}

char *auth_open(const struct auth *a, const char *purpose, const char *sealed, int64_t now) {
    size_t len = sealed ? strnlen(sealed, SEALED_MAX_BYTES + 1) : 0;
    const char *dot = len && len <= SEALED_MAX_BYTES ? strchr(sealed, '.') : NULL;
    if (!dot)
        return NULL;
    struct str body = STR_INIT, mac = STR_INIT;
    char *payload = NULL;
    if (base64url_decode(sealed, (size_t)(dot - sealed), &body) &&
        base64url_decode(dot + 1, len - (size_t)(dot + 1 - sealed), &mac) &&
        mac_known(a, purpose, &body, &mac) && strlen(str_c(&body)) == body.len)
        payload = payload_of(str_c(&body), now);
    str_free(&body);
    str_free(&mac);
    return payload;
}

static bool secret_looks(const char *prefix, const char *text) {
    if (!text || !str_starts(text, prefix))
        return false;
    const char *rest = text + strlen(prefix);
    return strlen(rest) == SECRET_TEXT &&
           strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
               SECRET_TEXT;
}

static void secret_make(const char *prefix, char out[48]) {
    unsigned char bytes[SECRET_BYTES];
    struct str text = STR_INIT;
    random_bytes(bytes, sizeof bytes);
    str_puts(&text, prefix);
    base64url_put(&text, bytes, sizeof bytes);
    require(text.len < 48);
    memcpy(out, text.p, text.len + 1);
    OPENSSL_cleanse(text.p, text.len);
    OPENSSL_cleanse(bytes, sizeof bytes);
    str_free(&text);
}

bool api_key_looks(const char *bearer) {
    return secret_looks(API_KEY_PREFIX, bearer);
}

void api_key_make(char key[48]) {
    secret_make(API_KEY_PREFIX, key);
}

bool ticket_looks(const char *text) {
    return secret_looks(TICKET_PREFIX, text);
}

void ticket_make(char ticket[48]) {
    secret_make(TICKET_PREFIX, ticket);
}

static void put_hex(const unsigned char *bytes, size_t len, char *out) {
    for (size_t i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void sha256_hex(const void *data, size_t len, char hex[65]) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    require(SHA256(data, len, digest) != NULL);
    put_hex(digest, sizeof digest, hex);
}

uint64_t text_hash(const char *text) {
    char hex[65];
    if (!*text)
        return 0;
    sha256_hex(text, strlen(text), hex);
    hex[16] = '\0';
    uint64_t hash = strtoull(hex, NULL, 16);
    return hash ? hash : 1;
}

void api_key_hash(const char *key, char hex[65]) {
    sha256_hex(key, strlen(key), hex);
}

void random_bytes(void *out, size_t len) {
    for (size_t done = 0; done < len;) {
        ssize_t n = getrandom((char *)out + done, len - done, 0);
        require(n > 0 || len == 0); /* without randomness nothing here may go on */
        done += (size_t)n;
    }
}

void random_hex(char *out, size_t hex_digits) {
    static const char digits[] = "0123456789abcdef";
    random_bytes(out, hex_digits);
    for (size_t i = 0; i < hex_digits; i++)
        out[i] = digits[(unsigned char)out[i] & 15];
    out[hex_digits] = '\0';
}
