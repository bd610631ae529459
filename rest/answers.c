/* answers.c - a table of answers under a bound. See answers.h. */
#include "config.h"

#include "answers.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <uthash.h>

#define SHARDS     8
#define FAIR_SHARE 4 /* of a shard's room: the most that one answer may take */

struct entry {
    struct kept kept; /* first: a struct kept * is its entry */
    char epoch[9];
    int64_t last, bucket;
    size_t size;
    atomic_int refs;
    bool used; /* since it was last considered for giving way; under the shard's lock */
    UT_hash_handle hh;
    char bytes[]; /* subject, head, body, links and a NUL */
};

struct shard {
    pthread_mutex_t lock;
    struct entry *entries; /* by subject; in the order in which they came */
    size_t bytes;
};

struct answers {
    size_t shard_bytes, shard_entries;
    struct shard shards[SHARDS];
};

struct answers *answers_new(size_t bytes, size_t entries) {
    struct answers *a = x_new(struct answers);
    a->shard_bytes = bytes / SHARDS;
    a->shard_entries = (entries + SHARDS - 1) / SHARDS;
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_init(&a->shards[i].lock, NULL);
    return a;
}

void answers_drop(const struct kept *kept) {
    struct entry *entry = (struct entry *)kept;
    if (entry && atomic_fetch_sub_explicit(&entry->refs, 1, memory_order_acq_rel) == 1)
        x_free(entry);
}

/* Out of the table; whoever is still writing it out keeps it alive. */
static void leave(struct shard *shard, struct entry *entry) {
    HASH_DEL(shard->entries, entry);
    shard->bytes -= entry->size;
    answers_drop(&entry->kept);
}

void answers_free(struct answers *a) {
    struct entry *entry, *next;
    if (!a)
        return;
    for (int i = 0; i < SHARDS; i++) {
        HASH_ITER(hh, a->shards[i].entries, entry, next) {
            leave(&a->shards[i], entry);
        }
        pthread_mutex_destroy(&a->shards[i].lock);
    }
    x_free(a);
}

static struct shard *shard_of(struct answers *a, const struct answers_key *key) {
    return &a->shards[(key->hash >> 32) % SHARDS];
}

static struct entry *find(struct shard *shard, const struct answers_key *key) {
    struct entry *entry;
    HASH_FIND_BYHASHVALUE(hh, shard->entries, key->subject, key->subject_len, (unsigned)key->hash,
                          entry);
    return entry;
}

const struct kept *answers_take(struct answers *a, const struct answers_key *key) {
    struct shard *shard = shard_of(a, key);
    pthread_mutex_lock(&shard->lock);
    struct entry *entry = find(shard, key);
    if (entry && (entry->last != key->last || entry->bucket != key->bucket ||
                  memcmp(entry->epoch, key->epoch, sizeof key->epoch)))
        entry = NULL;
    if (entry) {
        entry->used = true;
        atomic_fetch_add_explicit(&entry->refs, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&shard->lock);
    return entry ? &entry->kept : NULL;
}

static char *append(char **at, const void *bytes, size_t len) {
    char *start = *at;
    if (len)
        memcpy(start, bytes, len);
    *at += len;
    return start;
}

static size_t size_of(const struct answers_key *key, const struct kept *answer) {
    return sizeof(struct entry) + key->subject_len + answer->head_len + answer->body_len +
           strlen(answer->links ? answer->links : "") + 1;
}

static struct entry *entry_new(const struct answers_key *key, const struct kept *answer) {
    const char *links = answer->links ? answer->links : "";
    size_t size = size_of(key, answer);
    struct entry *entry = x_alloc(size);
    char *at = entry->bytes;
    append(&at, key->subject, key->subject_len);
    entry->kept = *answer;
    entry->kept.head = append(&at, answer->head, answer->head_len);
    entry->kept.body = append(&at, answer->body, answer->body_len);
    entry->kept.links = append(&at, links, strlen(links) + 1);
    memcpy(entry->epoch, key->epoch, sizeof entry->epoch);
    entry->last = key->last;
    entry->bucket = key->bucket;
    entry->size = size;
    atomic_init(&entry->refs, 1);
    return entry;
}

static void enter(struct shard *shard, struct entry *entry, size_t len, unsigned hash) {
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, shard->entries, entry->bytes, len, hash, entry);
    shard->bytes += entry->size;
}

/* The oldest goes, unless it was used since it was last looked at: then it counts as new. */
static void make_room(struct answers *a, struct shard *shard, size_t size) {
    while (shard->entries && (shard->bytes + size > a->shard_bytes ||
                              HASH_COUNT(shard->entries) >= a->shard_entries)) {
        struct entry *oldest = shard->entries;
        if (!oldest->used) {
            leave(shard, oldest);
            continue;
        }
        unsigned hash = oldest->hh.hashv;
        HASH_DEL(shard->entries, oldest);
        shard->bytes -= oldest->size;
        oldest->used = false;
        enter(shard, oldest, oldest->hh.keylen, hash);
    }
}

/* Two threads may have asked at once: the older snapshot must not push out the newer. */
static bool newer_than(const struct entry *entry, const struct answers_key *key) {
    return memcmp(entry->epoch, key->epoch, sizeof key->epoch) == 0 &&
           (entry->last > key->last || (entry->last == key->last && entry->bucket >= key->bucket));
}

void answers_keep(struct answers *a, const struct answers_key *key, const struct kept *answer) {
    size_t size = size_of(key, answer);
    if (size > a->shard_bytes / FAIR_SHARE)
        return;
    struct entry *entry = entry_new(key, answer);
    struct shard *shard = shard_of(a, key);
    pthread_mutex_lock(&shard->lock);
    struct entry *was = find(shard, key);
    if (was && newer_than(was, key)) {
        pthread_mutex_unlock(&shard->lock);
        answers_drop(&entry->kept);
        return;
    }
    if (was)
        leave(shard, was);
    make_room(a, shard, size);
    enter(shard, entry, key->subject_len, (unsigned)key->hash);
    pthread_mutex_unlock(&shard->lock);
}

static size_t sum(struct answers *a, bool bytes) {
    size_t n = 0;
    for (int i = 0; i < SHARDS; i++) {
        struct shard *shard = &a->shards[i];
        pthread_mutex_lock(&shard->lock);
        n += bytes ? shard->bytes : HASH_COUNT(shard->entries);
        pthread_mutex_unlock(&shard->lock);
    }
    return n;
}

size_t answers_bytes(struct answers *a) {
    return sum(a, true);
}

size_t answers_count(struct answers *a) {
    return sum(a, false);
}
