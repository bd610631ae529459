/* metrics.h - counters and the broadcast latency of one sidecar, as Prometheus text on demand.
 *
 * metrics.def is the table; a new counter is one row there. Counting is an addition: no lock, no
 * allocation. The latency is measured from an event's `at` to the end of the turn in which its
 * frames were handed to the kernel, once an event.
 */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include "base/str.h"

#include <stdint.h>

enum metric {
#define METRIC(name, text, help) METRIC_##name,
#include "core/metrics.def"
#undef METRIC
    METRIC_COUNT
};

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
void metric_add(struct metrics *m, enum metric which, uint64_t n);
uint64_t metric_value(const struct metrics *m, enum metric which);
/* The hub has just queued an event of that commit time (Unix milliseconds) ... */
void metrics_published(struct metrics *m, int64_t at_ms);
/* ... and everything queued in this turn has been handed to the kernel. */
void metrics_flushed(struct metrics *m);
void metrics_print(const struct metrics *m, struct str *out);
/* One sample of another series: `labels` as in {a="b"} or "". The head names help and type. */
void metrics_head(struct str *out, const char *name, const char *type, const char *help);
void metrics_sample(struct str *out, const char *name, const char *labels, double value);

#endif
