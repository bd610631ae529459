/* positions.c - what the positions page says: seqs of venues and areas, revoked tokens, changed
 * accounts, and whether it may be believed. Mapping it is positions_map.c's business.
 *
 * Lookups take no lock. Tables are open addressing with linear probes; a venue's or an account's
 * slot is claimed by compare-and-swap and never given back. Called by the sidecar (which feeds it),
 * by the REST programs' threads and by session.c.
 */
#include <config.h>

#include "data/page.h"
#include "data/positions_map.h"

#include "access/auth.h"
#include "base/clock.h"
#include "data/position.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARTBEAT_MAX_MS 1000 /* a sidecar that was killed vouches for nobody for longer */
#define SEQ_BITS         48
#define SEQ_MASK         ((UINT64_C(1) << SEQ_BITS) - 1)

static size_t slot_of(uint64_t key, size_t probe, size_t slots) {
    /* splitmix64's finisher: ids are dense and would otherwise fill one end of the table. */
    key ^= key >> 30;
    key *= UINT64_C(0xbf58476d1ce4e5b9);
    key ^= key >> 27;
    key *= UINT64_C(0x94d049bb133111eb);
    key ^= key >> 31;
    return (size_t)((key + probe) & (slots - 1));
}

static void raise_to(_Atomic uint64_t *number, uint64_t value) {
    uint64_t was = atomic_load_explicit(number, memory_order_relaxed);
    while (was < value && !atomic_compare_exchange_weak_explicit(
                              number, &was, value, memory_order_release, memory_order_relaxed))
        ;
}

/* Finds `key` or, when `claim`, takes a free slot for it. `first` is the first slot's key, `stride`
 * the distance to the next one. NULL: not there, or no room. */
static void *slot_find(void *first, size_t stride, size_t slots, uint64_t key, bool claim) {
    for (size_t probe = 0; probe < PAGE_PROBES; probe++) {
        char *slot = (char *)first + stride * slot_of(key, probe, slots);
        _Atomic uint64_t *at = (_Atomic uint64_t *)(void *)slot;
        uint64_t was = atomic_load_explicit(at, memory_order_acquire);
        if (was == 0 && !claim)
            return NULL;
        if (was == 0 && atomic_compare_exchange_strong(at, &was, key))
            return slot;
        if (was == key)
            return slot;
    }
    return NULL;
}

static struct page_venue *venue_slot(struct page *page, int64_t venue, bool claim) {
    return slot_find(page->venues, sizeof *page->venues, PAGE_SLOTS(PAGE_VENUES), (uint64_t)venue,
                     claim);
}

static struct page_account *account_slot(struct page *page, int64_t account, bool claim) {
    return slot_find(page->accounts, sizeof *page->accounts, PAGE_SLOTS(PAGE_ACCOUNTS),
                     (uint64_t)account, claim);
}

/* ---- may it be believed */

void positions_beat(struct positions *p, uint64_t mono_ms) {
    struct page *page = positions_page(p);
    if (page)
        atomic_store(&page->beat_ms, mono_ms);
}

void positions_set_live(struct positions *p, bool live) {
    struct page *page = positions_page(p);
    uint32_t was = page ? atomic_load(&page->live) : PAGE_REPLACED;
    while (was != PAGE_REPLACED &&
           !atomic_compare_exchange_weak(&page->live, &was, live ? PAGE_LIVE : PAGE_STALE))
        ;
}

static bool page_fresh(struct page *page) {
    if (!page || atomic_load(&page->live) != PAGE_LIVE || !atomic_load(&page->epoch))
        return false;
    /* A beat that lies ahead is one from before a reboot: the monotonic clock began anew. */
    uint64_t beat = atomic_load(&page->beat_ms), now = clock_mono_ms();
    return beat + HEARTBEAT_MAX_MS > now && beat < now + HEARTBEAT_MAX_MS &&
           atomic_load(&page->unsure_until) <= clock_wall_s();
}

bool positions_fresh(struct positions *p) {
    if (!p)
        return false;
    return page_fresh(positions_page(p)) || (positions_remap(p) && page_fresh(positions_page(p)));
}

/* ---- the epoch */

static bool epoch_parse(const char *epoch, uint32_t *out) {
    if (!epoch || strlen(epoch) != EPOCH_LEN || strspn(epoch, "0123456789abcdef") != EPOCH_LEN)
        return false;
    *out = (uint32_t)strtoul(epoch, NULL, 16);
    return true;
}

void positions_set_epoch(struct positions *p, const char *epoch) {
    uint32_t bits;
    struct page *page = positions_page(p);
    if (!page || !epoch_parse(epoch, &bits))
        return;
    uint64_t was = atomic_load(&page->epoch), now;
    do {
        if (was && (uint32_t)was == bits)
            return;
        now = ((was >> 32) + 1) << 32 | bits;
    } while (!atomic_compare_exchange_weak(&page->epoch, &was, now));
}

bool positions_epoch(const struct positions *p, char epoch[9]) {
    struct page *page = positions_page(p);
    uint64_t word = page ? atomic_load(&page->epoch) : 0;
    if (!word)
        return false;
    snprintf(epoch, 9, "%08x", (unsigned)(uint32_t)word);
    return true;
}

/* The generation as it stands in the upper bits of a seq. */
static uint64_t generation_bits(uint64_t epoch_word) {
    return (epoch_word >> 32) << SEQ_BITS;
}

/* ---- seqs */

void positions_publish(struct positions *p, const char *epoch, int64_t venue, int64_t seq,
                       const int64_t areas[AREA_COUNT]) {
    uint32_t bits;
    struct page *page = positions_page(p);
    uint64_t word = page ? atomic_load(&page->epoch) : 0;
    if (!word || venue < 1 || !epoch_parse(epoch, &bits) || (uint32_t)word != bits)
        return;
    struct page_venue *slot = venue_slot(page, venue, true);
    if (!slot)
        return;
    uint64_t generation = generation_bits(word);
    /* Areas first: whoever reads the seq finds its areas at least as new. */
    for (int i = 1; i < AREA_COUNT; i++)
        raise_to(&slot->areas[i], generation | ((uint64_t)areas[i] & SEQ_MASK));
    raise_to(&slot->seq, generation | ((uint64_t)seq & SEQ_MASK));
}

static int64_t seq_of(uint64_t value, uint64_t generation) {
    return (value & ~SEQ_MASK) == generation ? (int64_t)(value & SEQ_MASK) : 0;
}

bool positions_read(const struct positions *p, int64_t venue, int64_t *seq,
                    int64_t areas[AREA_COUNT]) {
    struct page *page = positions_page(p);
    uint64_t word = page ? atomic_load(&page->epoch) : 0;
    struct page_venue *slot = word && venue > 0 ? venue_slot(page, venue, false) : NULL;
    if (!slot)
        return false;
    uint64_t generation = generation_bits(word);
    uint64_t value = atomic_load_explicit(&slot->seq, memory_order_acquire);
    if ((value & ~SEQ_MASK) != generation)
        return false;
    *seq = (int64_t)(value & SEQ_MASK);
    areas[AREA_NONE] = 0;
    for (int i = 1; i < AREA_COUNT; i++)
        areas[i] = seq_of(atomic_load_explicit(&slot->areas[i], memory_order_acquire), generation);
    return true;
}

/* ---- tokens and accounts */

/* From now on the page can't vouch for every token: readers ask the database until `until`. */
static void be_unsure(struct page *page, int64_t until) {
    int64_t was = atomic_load(&page->unsure_until);
    while (was < until && !atomic_compare_exchange_weak(&page->unsure_until, &was, until))
        ;
}

/* The token's own slot, a free one, or the one that runs out first. Under the page's lock. */
static struct page_revoked *revoked_slot(struct page *page, uint64_t key) {
    struct page_revoked *first_out = NULL;
    for (size_t probe = 0; probe < PAGE_PROBES; probe++) {
        struct page_revoked *r = &page->revoked[slot_of(key, probe, PAGE_SLOTS(PAGE_REVOKED))];
        uint64_t token = atomic_load(&r->token);
        if (token == key || token == 0)
            return r;
        if (!first_out || atomic_load(&r->exp) < atomic_load(&first_out->exp))
            first_out = r;
    }
    return first_out;
}

void positions_revoke(struct positions *p, const char *jti, int64_t exp) {
    struct page *page = positions_page(p);
    if (!page || !jti || !*jti)
        return;
    uint64_t key = text_hash(jti);
    page_lock(page);
    struct page_revoked *r = revoked_slot(page, key);
    uint64_t token = atomic_load(&r->token);
    int64_t was = atomic_load(&r->exp);
    if (token && token != key && was > clock_wall_s())
        be_unsure(page, was);
    if (token != key || exp > was)
        atomic_store(&r->exp, exp);
    atomic_store(&r->token, key);
    pthread_mutex_unlock(&page->lock);
}

bool positions_revoked(const struct positions *p, uint64_t jti_hash) {
    struct page *page = positions_page(p);
    if (!page || !jti_hash)
        return false;
    return slot_find(page->revoked, sizeof *page->revoked, PAGE_SLOTS(PAGE_REVOKED), jti_hash,
                     false) != NULL;
}

void positions_account(struct positions *p, int64_t account, int64_t not_before, bool inactive) {
    struct page *page = positions_page(p);
    struct page_account *slot = page && account > 0 ? account_slot(page, account, true) : NULL;
    if (page && account > 0 && !slot)
        be_unsure(page, INT64_MAX);
    if (!slot)
        return;
    uint64_t was = atomic_load(&slot->state), now;
    do {
        uint64_t known = was >> 1, given = not_before > 0 ? (uint64_t)not_before : 0;
        now = (given > known ? given : known) << 1 | (inactive ? 1 : 0);
    } while (!atomic_compare_exchange_weak(&slot->state, &was, now));
}

bool positions_account_ok(const struct positions *p, int64_t account, int64_t iat) {
    struct page *page = positions_page(p);
    struct page_account *slot = page && account > 0 ? account_slot(page, account, false) : NULL;
    if (!slot)
        return true;
    uint64_t state = atomic_load(&slot->state);
    return !(state & 1) && iat >= (int64_t)(state >> 1);
}

void positions_venue(struct positions *p, int64_t venue, bool active) {
    struct page *page = positions_page(p);
    struct page_venue *slot = page && venue > 0 ? venue_slot(page, venue, true) : NULL;
    if (slot)
        atomic_store(&slot->closed, !active);
    else if (page && venue > 0 && !active)
        be_unsure(page, INT64_MAX);
}

bool positions_venue_ok(const struct positions *p, int64_t venue) {
    struct page *page = positions_page(p);
    struct page_venue *slot = page && venue > 0 ? venue_slot(page, venue, false) : NULL;
    return !slot || !atomic_load(&slot->closed);
}
