/* cache.h - entity tags of answers, and the 304 that needs no query.
 *
 * A tag is a hash of everything that the answer depends on: op and arguments, mask class, the
 * account where it is personal, and of the feed: epoch, venue, the last seq of the areas that the
 * op reads, and a clock bucket for what moves with time alone. It is made twice: from the positions
 * page before the query (may the query be left out?) and from the answer's own snapshot afterwards.
 * Called by dispatch.c.
 */
#ifndef REST_CACHE_H
#define REST_CACHE_H

#include "service.h"

#define CACHE_TAG_MAX 24

struct cache_state {
    char epoch[9];
    int64_t venue, seq;
    int64_t areas[AREA_COUNT];
};

/* Reads the page; false: no page, stale, or the venue is not on it. */
bool cache_page(struct exchange *x, struct cache_state *out);
/* From an answer; false when it carries no position. */
bool cache_answer(const struct answer *answer, struct cache_state *out);
void cache_tag(const struct exchange *x, const struct cache_state *s, char tag[CACHE_TAG_MAX]);
/* RFC 9110 section 13.1.2: weak comparison with every tag of the list. */
bool cache_matches(const char *if_none_match, const char *tag);
bool cache_any(const char *if_none_match); /* "*" */
/* ETag, X-Feed-Position. */
void cache_headers(struct exchange *x, const struct cache_state *s, const char *tag);

#endif
