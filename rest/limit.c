/* limit.c - how many requests an account or an address may send. See limit.h.
 *
 * A subject is one number: the time at which its allowance would be whole again (GCRA, the leaky
 * bucket as a meter). So each request is one compare-and-swap, no lock is held when a process dies,
 * and a slot whose time has passed says as much as an empty one: the next subject may have it.
 * Where all slots of a set are busy the one that is whole again soonest is forgotten, in its
 * favour.
 */
#include "config.h"

#include "limit.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETS     2048 /* a power of two */
#define WAYS     8
#define TRIES    4
#define SECOND   UINT64_C(1000000)
#define BURST_US (LIMIT_BURST_S * SECOND)

struct slot {
    _Atomic uint64_t subject;  /* 0: nobody's */
    _Atomic uint64_t whole_us; /* clock_mono_us */
};

struct limit {
    struct slot sets[SETS][WAYS];
};

/* --- the file ----------------------------------------------------------------------------- */

/* All zeros is a beginning like any other, so whoever comes first may be overtaken in making it. A
 * file of another size is another version's: those who have it keep it. */
static int file_open(const char *path) {
    struct stat st;
    for (int tries = 0; tries < 2; tries++) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
        if (fd < 0 || fstat(fd, &st) != 0)
            return fd;
        if (st.st_size == 0 && fchmod(fd, 0660) != 0) /* whatever the umask: a group shares it */
            log_event(LOG_WARN, "the requests' file stays private", "reason", strerror(errno),
                      NULL);
        if (st.st_size == 0 || st.st_size == (off_t)sizeof(struct limit))
            return fd;
        close(fd);
        unlink(path);
    }
    errno = EEXIST;
    return -1;
}

/* Room is taken now: a full disk must show here and not as a SIGBUS later. */
static void *file_map(const char *path) {
    int fd = file_open(path);
    if (fd < 0)
        return NULL;
    void *at = MAP_FAILED;
    int failed = posix_fallocate(fd, 0, sizeof(struct limit));
    if (failed)
        errno = failed;
    else
        at = mmap(NULL, sizeof(struct limit), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return at == MAP_FAILED ? NULL : at;
}

struct limit *limit_open(const char *path) {
    void *at = file_map(path);
    if (at)
        return at;
    log_event(LOG_WARN, "requests are counted by this program alone", "reason", strerror(errno),
              NULL);
    at = mmap(NULL, sizeof(struct limit), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
              0);
    require(at != MAP_FAILED);
    return at;
}

void limit_close(struct limit *l) {
    if (l)
        munmap(l, sizeof *l);
}

/* --- whom it counts for ------------------------------------------------------------------- */

enum kind { OF_ADDRESS4 = 1, OF_ADDRESS6, OF_ACCOUNT, OF_SESSION, OF_ORDER };

/* splitmix64's finisher: neighbours must not share a set. */
static uint64_t subject_of(enum kind kind, uint64_t number) {
    number += (uint64_t)kind * UINT64_C(0x9e3779b97f4a7c15);
    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    number ^= number >> 31;
    return number ? number : 1;
}

uint64_t limit_address(const char *address) {
    struct in6_addr six;
    struct in_addr four;
    uint64_t net;
    if (inet_pton(AF_INET, address, &four) == 1)
        return subject_of(OF_ADDRESS4, four.s_addr);
    if (inet_pton(AF_INET6, address, &six) != 1)
        return 0;
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        memcpy(&four, six.s6_addr + 12, sizeof four);
        return subject_of(OF_ADDRESS4, four.s_addr);
    }
    memcpy(&net, six.s6_addr, sizeof net);
    return subject_of(OF_ADDRESS6, net);
}

/* A guest has no account: all at one table count together. */
uint64_t limit_principal(const struct principal *who) {
    if (who->account)
        return subject_of(OF_ACCOUNT, (uint64_t)who->account);
    if (who->session)
        return subject_of(OF_SESSION, (uint64_t)who->session);
    return who->order ? subject_of(OF_ORDER, (uint64_t)who->order) : 0;
}

/* --- counting ----------------------------------------------------------------------------- */

/* Not before now; times far ahead are of another boot's clock. */
static uint64_t whole_at(uint64_t at, uint64_t now) {
    return at > now && at <= now + BURST_US + 2 * SECOND ? at : now;
}

/* The subject's slot, or one that it may take over. */
static struct slot *slot_best(struct slot *set, uint64_t subject, uint64_t now, bool *own) {
    struct slot *best = NULL;
    uint64_t soonest = UINT64_MAX;
    for (int i = 0; i < WAYS; i++) {
        *own = atomic_load_explicit(&set[i].subject, memory_order_acquire) == subject;
        if (*own)
            return &set[i];
        uint64_t at = whole_at(atomic_load(&set[i].whole_us), now);
        if (at < soonest) {
            soonest = at;
            best = &set[i];
        }
    }
    return best;
}

static struct slot *slot_take(struct limit *l, uint64_t subject, uint64_t now) {
    struct slot *set = l->sets[subject & (SETS - 1)];
    bool own = false;
    for (int i = 0; i < TRIES; i++) {
        struct slot *s = slot_best(set, subject, now, &own);
        uint64_t was = own ? subject : atomic_load(&s->subject);
        if (own)
            return s;
        if (!atomic_compare_exchange_strong(&s->subject, &was, subject))
            continue;
        atomic_store(&s->whole_us, now);
        return s;
    }
    return NULL;
}

int limit_take(struct limit *l, uint64_t subject, long per_second, uint64_t now_us) {
    if (!subject || per_second <= 0)
        return 0;
    struct slot *s = slot_take(l, subject, now_us);
    uint64_t each = SECOND / (uint64_t)per_second;
    while (s) {
        uint64_t seen = atomic_load(&s->whole_us), at = whole_at(seen, now_us) + each;
        if (at > now_us + BURST_US)
            return (int)((at - now_us - BURST_US + SECOND - 1) / SECOND);
        if (atomic_compare_exchange_weak(&s->whole_us, &seen, at))
            return 0;
    }
    return 0; /* others fight for the set: nobody is refused for it */
}
