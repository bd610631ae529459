/* answers.h - answers of reads, kept in memory for whoever asks the same before anything changes.
 *
 * One entry a subject (what was asked, and for whose eyes; the whole of it is compared, so that no
 * collision of hashes can show one client's answer to another), with the version that it is true
 * of. A lookup names both; another version is a miss, and a newer answer takes the older one's
 * place. Bounded in bytes and entries; what was not asked for lately gives way. Shared by the
 * threads of a program: SHARDS locks, held for a lookup or an exchange of pointers. An entry is
 * immutable and counted, so its bytes are written to the web server without a copy.
 * Called by cache.c; owned by the service.
 */
#ifndef REST_ANSWERS_H
#define REST_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answers;

struct answers_key {
    const char *subject;
    size_t subject_len;
    uint64_t hash; /* of the subject */
    /* the version */
    char epoch[9];
    int64_t last;   /* seq of the areas that were read */
    int64_t bucket; /* of the clock; 0: the answer does not move with time */
};

struct kept {
    int status;
    const char *head, *body; /* header lines of this answer alone, each with its CRLF; the body */
    size_t head_len, body_len;
    const char *links; /* RFC 8288, of this answer alone; "" or NULL: none */
};

/* `bytes` 0: keeps nothing. */
struct answers *answers_new(size_t bytes, size_t entries);
void answers_free(struct answers *a);
/* The answer to exactly this, or NULL. The caller lets it go with answers_drop. */
const struct kept *answers_take(struct answers *a, const struct answers_key *key);
void answers_drop(const struct kept *kept);
/* Copies it; one that would take more than a fair share of the room is not kept. */
void answers_keep(struct answers *a, const struct answers_key *key, const struct kept *answer);
size_t answers_bytes(struct answers *a);
size_t answers_count(struct answers *a);

#endif
