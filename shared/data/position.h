/* position.h - a place in a venue's feed: `EPOCHvVENUE-SEQ`, e.g. "3fa9c1d2v7-1042".
 * Belongs to one venue (another venue's is refused) and one epoch. SPEC section 4. */
#ifndef DATA_POSITION_H
#define DATA_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#define POSITION_MAX 64
#define EPOCH_LEN 8 /* hex digits */

struct position {
    char epoch[EPOCH_LEN + 1];
    int64_t venue, seq;
};

bool position_parse(const char *text, struct position *out); /* strict: no blanks, no leading + */
char *position_format(const struct position *p, char buf[POSITION_MAX]);

#endif
