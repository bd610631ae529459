/* cache.h - entity tags of answers, the 304 and the kept answer that need no query.
 *
 * An answer is told by its subject (route, op, arguments, venue, mask class, the account where it
 * is personal) and by the version that it is true of: epoch, the last seq of the areas that the op
 * reads, and a clock bucket for what moves with time alone. The tag is a hash of both; a kept
 * answer (answers.h) is found by both in full. The version is taken twice: from the positions page
 * before the query (may the query be left out?) and from the answer's own snapshot afterwards.
 * Called by dispatch.c.
 */
#ifndef REST_CACHE_H
#define REST_CACHE_H

#include "answers.h"
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
/* Subject of the request with the version that `s` gives. */
void cache_key(struct exchange *x, const struct cache_state *s, struct answers_key *out);
void cache_tag(const struct answers_key *key, char tag[CACHE_TAG_MAX]);
/* Whether answers to this op may be kept: a read that says what it depends on. */
bool cache_keeps(const struct exchange *x);
/* RFC 9110 section 13.1.2: weak comparison with every tag of the list. */
bool cache_matches(const char *if_none_match, const char *tag);
bool cache_any(const char *if_none_match); /* "*" */
/* ETag, X-Feed-Position. */
void cache_headers(struct exchange *x, const struct cache_state *s, const char *tag);

#endif
