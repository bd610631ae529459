/* json_scan.h - inside of base/json: the strict lexical pass. Nobody outside base includes it. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_DEPTH_MAX 32

struct json_scan {
    size_t members;     /* how many object members there are, duplicates counted too */
    size_t at;          /* where it went wrong */
    const char *reason; /* why, or NULL */
    bool beyond;        /* for a limit of ours, where RFC 8259 has none */
};

/* RFC 8259 and the limits of json.h; false with position and reason otherwise. */
bool json_scan(const char *text, size_t len, struct json_scan *out);

#endif
