/* keydir.h - a key directory of the test's own, and the public half of a key as a provider gives
 * it.
 */
#ifndef TESTS_UNIT_KEYDIR_H
#define TESTS_UNIT_KEYDIR_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>

static char key_dir[64];

static inline void key_dir_make(void) {
    snprintf(key_dir, sizeof key_dir, "/tmp/maitred-keys.XXXXXX");
    assert_non_null(mkdtemp(key_dir));
}

static inline void key_file(const char *name, const void *bytes, size_t len) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", key_dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    fclose(f);
    chmod(path, 0600);
}

static inline char *public_pem(EVP_PKEY *key) {
    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key);
    long len = BIO_get_mem_data(bio, &text);
    char *copy = strndup(text, (size_t)len);
    BIO_free(bio);
    return copy;
}

static inline void keys_remove(void) {
    char path[400];
    DIR *d = opendir(key_dir);
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", key_dir, f->d_name);
        unlink(path);
    }
    closedir(d);
}

static inline void key_dir_remove(void) {
    keys_remove();
    rmdir(key_dir);
}

#endif
