/* auth_keys.c - reads the key directory: which algorithm a key serves is in its file's name and
 * nowhere else. Refuses what would make verification worthless: no key, a short secret, two keys
 * of one name, a PEM that is not the public key of its algorithm. Called at start and on SIGHUP.
 */
#include <config.h>

#include "access/auth_keys.h"

#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#define SECRET_MIN_BYTES 32 /* RFC 7518 section 3.2: no shorter than the hash */
#define KEY_FILE_MAX     16384
#define RSA_MIN_BITS     2048

static const struct suffix {
    const char *text;
    enum key_alg alg;
} suffixes[] = {{".hs256", KEY_HS256}, {".rs256.pem", KEY_RS256}, {".es256.pem", KEY_ES256}};

/* The kid that a file's name stands for, and its algorithm; false: not a key file. */
static bool name_parse(const char *file, char kid[KEY_KID_MAX], enum key_alg *alg) {
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t len = strlen(file), n = strlen(suffixes[i].text);
        if (len <= n || strcmp(file + len - n, suffixes[i].text) != 0)
            continue;
        if (*file == '.' || len - n >= KEY_KID_MAX)
            return false;
        memcpy(kid, file, len - n);
        kid[len - n] = '\0';
        *alg = suffixes[i].alg;
        return true;
    }
    return false;
}

static bool file_read(const char *path, struct key *key, struct err *e) {
    unsigned char buf[KEY_FILE_MAX];
    struct stat st;
    FILE *f = fopen(path, "re");
    if (!f)
        return err_set(e, ERR_INVALID_REQUEST, "key %s: %s", key->kid, strerror(errno));
    size_t n = fread(buf, 1, sizeof buf, f);
    bool shared = fstat(fileno(f), &st) == 0 && (st.st_mode & S_IRWXO) && key->alg == KEY_HS256;
    fclose(f);
    if (shared)
        log_event(LOG_WARN, "everybody on this machine can read the key", "kid", key->kid, NULL);
    if (n == sizeof buf)
        return err_set(e, ERR_INVALID_REQUEST, "key %s is too long", key->kid);
    key->bytes = x_alloc(n + 1);
    memcpy(key->bytes, buf, n);
    key->len = n;
    OPENSSL_cleanse(buf, sizeof buf);
    return true;
}

static bool public_key_fits(const struct key *key) {
    BIO *bio = BIO_new_mem_buf(key->bytes, (int)key->len);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    char curve[32] = "";
    bool fits = false;
    if (pkey && key->alg == KEY_RS256)
        fits = EVP_PKEY_is_a(pkey, "RSA") && EVP_PKEY_get_bits(pkey) >= RSA_MIN_BITS;
    if (pkey && key->alg == KEY_ES256)
        fits = EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof curve,
                                              NULL) &&
               strcmp(curve, "prime256v1") == 0;
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    return fits;
}

/* Tells keys apart, also one that was replaced under its name; says nothing about the bytes. */
static void key_identify(struct key *key) {
    char digest[65], text[KEY_KID_MAX + 80];
    sha256_hex(key->bytes, key->len, digest);
    snprintf(text, sizeof text, "%s %d %s", key->kid, (int)key->alg, digest);
    sha256_hex(text, strlen(text), digest);
    digest[16] = '\0';
    key->id = strtoull(digest, NULL, 16);
    if (key->id == 0)
        key->id = 1;
}

static bool key_check(struct key *key, struct err *e) {
    key_identify(key);
    if (key->alg == KEY_HS256) {
        /* An empty key makes libjwt accept everything; a PEM here would be the classic confusion.
         */
        if (key->len < SECRET_MIN_BYTES)
            return err_set(e, ERR_INVALID_REQUEST, "key %s is shorter than %d bytes", key->kid,
                           SECRET_MIN_BYTES);
        if (memmem(key->bytes, key->len, "-----BEGIN", 10))
            return err_set(e, ERR_INVALID_REQUEST, "key %s is a PEM, not a secret", key->kid);
        seal_key_new(key);
        return true;
    }
    return public_key_fits(key) ||
           err_set(e, ERR_INVALID_REQUEST, "key %s is not a public key of its algorithm", key->kid);
}

static int by_name(const struct dirent **x, const struct dirent **y) {
    return strcmp((*x)->d_name, (*y)->d_name); /* not alphasort: it follows the locale */
}

static const struct key *key_named(const struct auth *a, const char *kid) {
    for (int i = 0; i < a->nkeys; i++) {
        if (strcmp(a->keys[i].kid, kid) == 0)
            return &a->keys[i];
    }
    return NULL;
}

static bool key_add(struct auth *a, const char *dir, const char *file, struct err *e) {
    struct key key = {.len = 0};
    if (!name_parse(file, key.kid, &key.alg))
        return true;
    if (key_named(a, key.kid))
        return err_set(e, ERR_INVALID_REQUEST, "two keys are named %s", key.kid);
    struct str path = STR_INIT;
    str_printf(&path, "%s/%s", dir, file);
    bool ok = file_read(str_c(&path), &key, e);
    str_free(&path);
    if (!ok)
        return false;
    a->keys = x_realloc(a->keys, sizeof *a->keys * (size_t)(a->nkeys + 1));
    a->keys[a->nkeys++] = key; /* owned from here on, so that auth_free wipes it in any case */
    return key_check(&a->keys[a->nkeys - 1], e);
}

static bool keys_read(struct auth *a, const char *dir, struct err *e) {
    struct dirent **files;
    int n = scandir(dir, &files, NULL, by_name);
    if (n < 0)
        return err_set(e, ERR_INVALID_REQUEST, "the key directory can't be read: %s",
                       strerror(errno));
    bool ok = true;
    for (int i = 0; i < n; i++) {
        ok = ok && key_add(a, dir, files[i]->d_name, e);
        free(files[i]);
    }
    free(files);
    return ok;
}

static bool signer_choose(struct auth *a, const char *kid, struct err *e) {
    bool any = !kid || !*kid;
    for (int i = 0; i < a->nkeys; i++) {
        if (a->keys[i].alg == KEY_HS256 && (any || strcmp(a->keys[i].kid, kid) == 0))
            a->signer = &a->keys[i];
    }
    return a->signer || err_set(e, ERR_INVALID_REQUEST, "there is no HS256 key to sign with%s%s",
                                any ? "" : " named ", any ? "" : kid);
}

struct auth *auth_load(const struct auth_options *o, struct err *e) {
    struct auth *a = x_new(struct auth);
    a->issuer = x_strdup(o->issuer ? o->issuer : "");
    a->audience = x_strdup(o->audience ? o->audience : "");
    bool own = !o->provider_issuers || !*o->provider_issuers;
    a->provider_issuers = x_strdup(own ? a->issuer : o->provider_issuers);
    a->lifetime_s = o->lifetime_s;
    a->seen = seen_new();
    bool ok = *a->issuer && *a->audience && o->lifetime_s > 0;
    if (!ok)
        err_set(e, ERR_INVALID_REQUEST, "issuer, audience and lifetime of tokens must be set");
    if (ok && keys_read(a, o->key_dir, e) && signer_choose(a, o->sign_kid, e))
        return a;
    auth_free(a);
    return NULL;
}

void auth_free(struct auth *a) {
    if (!a)
        return;
    for (int i = 0; i < a->nkeys; i++) {
        OPENSSL_cleanse(a->keys[i].bytes, a->keys[i].len);
        x_free(a->keys[i].bytes);
        seal_key_free(&a->keys[i]);
    }
    if (a->keys)
        OPENSSL_cleanse(a->keys, sizeof *a->keys * (size_t)a->nkeys);
    x_free(a->keys);
    x_free(a->issuer);
    x_free(a->audience);
    seen_free(a->seen);
    x_free(a->provider_issuers);
    x_free(a);
}
