/* positions.h - the shared-memory page of feed positions, between one sidecar and the programs on
 * its machine.
 *
 * Holds per venue the last seq, and the last seq per area; revoked jtis; accounts' not-before; the
 * epoch; and the sidecar's heartbeat. The sidecar publishes what the feed told it; a program
 * publishes the position of its own write after the commit and before it answers (read your own
 * writes). A number never goes down within an epoch: all updates are atomic maxima, so several
 * processes may publish without a lock. With a stale heartbeat programs must ask the database.
 * The page is a file in the state directory, mapped by all; a fresh sidecar makes a new one, which
 * is renamed into place, so readers look for a changed inode when the heartbeat is stale. Lookups
 * are lock-free and thread-safe.
 */
#ifndef DATA_POSITIONS_H
#define DATA_POSITIONS_H

#include "base/err.h"
#include "data/area.h"

#include <stdbool.h>
#include <stdint.h>

struct positions;

/* The sidecar: makes the page (fixed capacity of venues, revocations and accounts; when one is
 * full, old revocations give way by expiry, and a venue or account that finds no room reads as
 * unknown). Nobody sees it, and the one at `path` stays, until it is put in place: then the old one
 * is dead for good, even while its sidecar lives on. What killed ones had prepared goes. */
struct positions *positions_prepare(const char *path, struct err *e) must_check;
bool positions_place(struct positions *p, struct err *e) must_check; /* once more does nothing */
/* By a sidecar that goes: puts in place what process `pid` has prepared beside `path`, if it did.
 */
void positions_hand_over(const char *path, long pid);
/* What a process that is gone has prepared, and nobody put in place. */
void positions_discard(const char *path, long pid);
/* The programs: maps it. While there is none it is never fresh, and every read asks the database;
 * it is found as soon as the sidecar has made it. Never NULL; all functions take NULL too. */
struct positions *positions_open(const char *path);
void positions_close(struct positions *p);

void positions_beat(struct positions *p, uint64_t mono_ms);
/* True while the sidecar's feed is connected and its heartbeat is younger than 1 s. Remaps when a new page is there. */
bool positions_fresh(struct positions *p);
/* The sidecar says whether its feed is connected and caught up: without that the page is stale. */
void positions_set_live(struct positions *p, bool live);

void positions_set_epoch(struct positions *p, const char *epoch); /* forgets all seqs if it differs */
bool positions_epoch(const struct positions *p, char epoch[9]);

/* areas[AREA_COUNT]: index 0 unused. Ignored when `epoch` is not the page's. */
void positions_publish(struct positions *p, const char *epoch, int64_t venue, int64_t seq,
                       const int64_t areas[AREA_COUNT]);
/* False when the venue is unknown to the page. */
bool positions_read(const struct positions *p, int64_t venue, int64_t *seq,
                    int64_t areas[AREA_COUNT]);

void positions_revoke(struct positions *p, const char *jti, int64_t exp);
/* By the principal's jti_hash; 0 is no token. */
bool positions_revoked(const struct positions *p, uint64_t jti_hash);
/* Tokens of the account issued before `not_before` (Unix seconds; same second counts as before only
 * when `inactive`) are refused; an inactive account is refused always. */
void positions_account(struct positions *p, int64_t account, int64_t not_before, bool inactive);
bool positions_account_ok(const struct positions *p, int64_t account, int64_t iat);
/* A closed venue refuses everybody, guests too, until it is opened again. */
void positions_venue(struct positions *p, int64_t venue, bool active);
bool positions_venue_ok(const struct positions *p, int64_t venue); /* unknown: true */

#endif
