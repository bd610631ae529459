/* forge.h - tokens put together by hand (header, claims, signature over both), so that nothing
 * under test helps to make what it must refuse. Used by test_auth.c. */
#ifndef TESTS_UNIT_FORGE_H
#define TESTS_UNIT_FORGE_H

#include "access/auth_keys.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define SECRET "0123456789abcdef0123456789abcdef"

static inline void begin(struct str *token, const char *header, const char *claims) {
    base64url_put(token, header, strlen(header));
    str_putc(token, '.');
    base64url_put(token, claims, strlen(claims));
}

static inline char *hmac_token(const char *header, const char *claims, const EVP_MD *md,
                               const void *key, size_t key_len) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int n;
    struct str token = STR_INIT;
    begin(&token, header, claims);
    HMAC(md, key_len ? key : "", (int)key_len, (unsigned char *)token.p, token.len, mac, &n);
    str_putc(&token, '.');
    base64url_put(&token, mac, n);
    return str_steal(&token);
}

static inline char *hs256(const char *header, const char *claims) {
    return hmac_token(header, claims, EVP_sha256(), SECRET, 32);
}

/* DER (r, s) to the 64 raw bytes of RFC 7518 section 3.4. */
static inline void ecdsa_raw(const unsigned char *der, size_t len, unsigned char raw[64]) {
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32);
    ECDSA_SIG_free(sig);
}

static inline char *signed_token(const char *header, const char *claims, EVP_PKEY *key) {
    unsigned char sig[512], raw[64];
    size_t n = sizeof sig;
    struct str token = STR_INIT;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    begin(&token, header, claims);
    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key);
    assert_int_equal(EVP_DigestSign(ctx, sig, &n, (unsigned char *)token.p, token.len), 1);
    EVP_MD_CTX_free(ctx);
    str_putc(&token, '.');
    if (EVP_PKEY_is_a(key, "EC")) {
        ecdsa_raw(sig, n, raw);
        base64url_put(&token, raw, sizeof raw);
    } else {
        base64url_put(&token, sig, n);
    }
    return str_steal(&token);
}

#endif
