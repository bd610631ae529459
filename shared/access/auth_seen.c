/* auth_seen.c - tokens that were verified, so that a client's next request costs no signature.
 *
 * Called by auth_verify alone. Belongs to one struct auth: a reload of the keys makes a new one, so
 * that nothing outlives its key. Holds no opinion on time or revocation; those are checked at each
 * use. Bounded: SETS x WAYS tokens of at most TOKEN_MAX bytes; in a set the one unused for longest
 * gives way. A token is compared in full and in constant time, so a guesser learns nothing here.
 */
#include <config.h>

#include "access/auth_keys.h"

#include <pthread.h>
#include <string.h>

#include <openssl/crypto.h>

#define SETS      256 /* a power of two */
#define WAYS      4
#define LOCKS     16
#define TAIL      8 /* bytes that choose the set: a signature's end, as good as random */
#define TOKEN_MAX 2048

struct slot {
    char *token; /* NULL: free */
    size_t len;
    struct principal who;
};

struct seen {
    struct slot sets[SETS][WAYS]; /* in each the last used comes first */
    pthread_mutex_t locks[LOCKS];
};

struct seen *seen_new(void) {
    struct seen *s = x_new(struct seen);
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&s->locks[i], NULL);
    return s;
}

static void slot_clear(struct slot *slot) {
    if (slot->token)
        OPENSSL_cleanse(slot->token, slot->len);
    x_free(slot->token);
    *slot = (struct slot){.token = NULL};
}

void seen_free(struct seen *s) {
    if (!s)
        return;
    for (int i = 0; i < SETS * WAYS; i++)
        slot_clear(&s->sets[i / WAYS][i % WAYS]);
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&s->locks[i]);
    x_free(s);
}

static bool fits(size_t len) {
    return len >= TAIL && len <= TOKEN_MAX;
}

static unsigned set_of(const char *token, size_t len) {
    uint64_t tail;
    memcpy(&tail, token + len - TAIL, sizeof tail);
    tail *= UINT64_C(0x9e3779b97f4a7c15);
    return (unsigned)(tail >> 56) & (SETS - 1);
}

/* Slot i becomes the first of its set, those before it move back by one. */
static void to_front(struct slot *set, int i) {
    struct slot used = set[i];
    memmove(set + 1, set, sizeof *set * (size_t)i);
    set[0] = used;
}

static bool slot_find(struct slot *set, const char *token, size_t len) {
    for (int i = 0; i < WAYS && set[i].token; i++)
        if (set[i].len == len && bytes_equal_ct(set[i].token, token, len)) {
            if (i > 0)
                to_front(set, i);
            return true;
        }
    return false;
}

bool seen_find(struct seen *s, const char *token, size_t len, struct principal *out) {
    if (!fits(len))
        return false;
    unsigned n = set_of(token, len);
    pthread_mutex_t *lock = &s->locks[n % LOCKS];
    pthread_mutex_lock(lock);
    bool found = slot_find(s->sets[n], token, len);
    if (found)
        *out = s->sets[n][0].who;
    pthread_mutex_unlock(lock);
    return found;
}

void seen_keep(struct seen *s, const char *token, size_t len, const struct principal *who) {
    if (!fits(len))
        return;
    struct slot fresh = {.token = x_alloc(len), .len = len, .who = *who};
    memcpy(fresh.token, token, len);
    unsigned n = set_of(token, len);
    struct slot *set = s->sets[n];
    pthread_mutex_t *lock = &s->locks[n % LOCKS];
    pthread_mutex_lock(lock);
    if (slot_find(set, token, len)) { /* another thread was first */
        slot_clear(&fresh);
    } else {
        slot_clear(&set[WAYS - 1]);
        set[WAYS - 1] = fresh;
        to_front(set, WAYS - 1);
    }
    pthread_mutex_unlock(lock);
}
