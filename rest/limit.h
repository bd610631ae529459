/* limit.h - how many requests an account or an address may send: 429 past it, with Retry-After.
 *
 * Every program of the machine counts in one shared file, so that a client has one allowance, not
 * one a program; as plain CGI too. Called by dispatch.c for every request. Owns the mapping. What a
 * login costs, and how often a table is touched, are counted elsewhere, in the database.
 */
#ifndef REST_LIMIT_H
#define REST_LIMIT_H

#include "access/auth.h"

#include <stdbool.h>
#include <stdint.h>

#define LIMIT_BURST_S 5 /* so many seconds' worth may come at once */

struct limit;

/* Maps the file at `path`, makes it when there is none. Where that can't be, this process counts
 * for itself. */
struct limit *limit_open(const char *path);
void limit_close(struct limit *l);

/* Whom a request counts for; 0: nobody. An address of IPv6 is its first 64 bits. */
uint64_t limit_address(const char *address);
uint64_t limit_principal(const struct principal *who);

/* One request of `subject`, of which there may be `per_second` (0: any number), at `now_us`
 * (clock_mono_us). 0: it may; else after how many seconds. */
int limit_take(struct limit *l, uint64_t subject, long per_second, uint64_t now_us);

#endif
