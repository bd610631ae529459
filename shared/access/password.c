/* password.c - yescrypt through crypt_r; its only user. Called by the login and the tool, never in
 * the sidecar's loop: one verification is meant to take tens of milliseconds. */
#include <config.h>

#include "access/auth.h"

#include "base/str.h"

#include <crypt.h>
#include <string.h>

#define METHOD "$y$" /* yescrypt, the library's own cost */

/* A hash of nobody's password, of the same method and cost: an unknown account takes as long. */
#define NOBODY "$y$j9T$9hvH2Zt2BWqkw3dU6YIjd/$2fpfRP75hXNcm2dT0pU/4/9vaFAd6lJcn6FVWoVKjF."

static bool crypt_into(const char *password, const char *setting, char out[CRYPT_OUTPUT_SIZE]) {
    struct crypt_data *data = x_alloc(sizeof *data); /* 32 KiB: too much for a thread's stack */
    const char *hash = crypt_r(password, setting, data);
    bool ok = hash && hash[0] != '*' && strlen(hash) < CRYPT_OUTPUT_SIZE;
    if (ok)
        strcpy(out, hash);
    explicit_bzero(data, sizeof *data);
    x_free(data);
    return ok;
}

char *password_hash(const char *password, struct err *e) {
    char setting[CRYPT_GENSALT_OUTPUT_SIZE], hash[CRYPT_OUTPUT_SIZE];
    if (!*password || strlen(password) >= CRYPT_MAX_PASSPHRASE_SIZE) {
        err_set(e, ERR_INVALID_FIELD, "A password has 1 to %d bytes.",
                CRYPT_MAX_PASSPHRASE_SIZE - 1);
        return NULL;
    }
    if (!crypt_gensalt_rn(METHOD, 0, NULL, 0, setting, sizeof setting) ||
        !crypt_into(password, setting, hash)) {
        err_set(e, ERR_INTERNAL, "%s", "");
        return NULL;
    }
    return x_strdup(hash);
}

bool password_verify(const char *password, const char *hash) {
    char got[CRYPT_OUTPUT_SIZE];
    if (!password || strlen(password) >= CRYPT_MAX_PASSPHRASE_SIZE)
        return false;
    bool known = hash && *hash && *hash != '*';
    bool ran = crypt_into(password, known ? hash : NOBODY, got);
    size_t len = known ? strlen(hash) : 0;
    return ran && known && strlen(got) == len && bytes_equal_ct(got, hash, len);
}
