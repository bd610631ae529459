/* page.h - inside of data: the layout of the positions page, which several processes map at once.
 *
 * Every number that can move is one C11 atomic of 64 bits. A seq carries the generation of its
 * epoch in its upper bits: a newer epoch then always wins a maximum, and what an old one left
 * behind is told apart without clearing anything.
 */
#ifndef DATA_PAGE_H
#define DATA_PAGE_H

#include "data/area.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#define PAGE_MAGIC    UINT64_C(0x6d61697472656433) /* "maitred3": changes with the layout */
#define PAGE_VENUES   65536
#define PAGE_REVOKED  16384
#define PAGE_ACCOUNTS 16384
/* Twice the room: probes stay short, and one that is longer than this has found a full table. */
#define PAGE_SLOTS(n) (2 * (n))
#define PAGE_PROBES   256

enum page_live {
    PAGE_STALE, /* the feed is not connected, or has not caught up */
    PAGE_LIVE,
    PAGE_REPLACED, /* for good: writers publish to another one */
};

struct page_venue {
    _Atomic uint64_t venue; /* 0: free; never given back */
    _Atomic uint64_t seq;   /* generation and seq */
    _Atomic uint64_t areas[AREA_COUNT];
    _Atomic uint64_t closed; /* the venue is deactivated */
};

struct page_revoked {
    _Atomic uint64_t token; /* 64 bits of the jti's SHA-256; 0: free */
    _Atomic int64_t exp;
};

struct page_account {
    _Atomic uint64_t account; /* 0: free */
    _Atomic uint64_t state;   /* not-before, and in the lowest bit "inactive" */
};

struct page {
    uint64_t magic;
    pthread_mutex_t lock;         /* robust, between processes: only for writing revocations */
    _Atomic uint64_t epoch;       /* generation and the epoch's 32 bits; 0: not set */
    _Atomic uint64_t beat_ms;     /* CLOCK_MONOTONIC, the same for all processes of a machine */
    _Atomic uint32_t live;        /* enum page_live */
    _Atomic int64_t unsure_until; /* a revocation found no room: ask the database until then */
    struct page_venue venues[PAGE_SLOTS(PAGE_VENUES)];
    struct page_revoked revoked[PAGE_SLOTS(PAGE_REVOKED)];
    struct page_account accounts[PAGE_SLOTS(PAGE_ACCOUNTS)];
};

#endif
