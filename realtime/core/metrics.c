/* metrics.c - the counters' values and one histogram. Called from everywhere in the sidecar to count,
 * and by status.c to print; owns the numbers. Text format: Prometheus exposition 0.0.4. */
#include "config.h"

#include "core/metrics.h"

#include "base/clock.h"
#include "base/mem.h"

#include <inttypes.h>

#define WAITING_MAX 256 /* events of one turn that are timed; the rest of a large batch is not */

static const struct {
    const char *name, *help;
} table[METRIC_COUNT] = {
#define METRIC(name, text, help) {text, help},
#include "core/metrics.def"
#undef METRIC
};

/* Upper edges in milliseconds. */
static const int edges[] = {1, 2, 3, 5, 7, 10, 15, 25, 50, 100, 250, 500, 1000, 2500, 5000};
#define EDGES (sizeof edges / sizeof *edges)

struct metrics {
    uint64_t value[METRIC_COUNT];
    uint64_t bucket[EDGES + 1], latency_count, latency_sum_ms;
    int64_t waiting[WAITING_MAX];
    unsigned nwaiting;
};

struct metrics *metrics_new(void) {
    return x_new(struct metrics);
}

void metrics_free(struct metrics *m) {
    x_free(m);
}

void metric_add(struct metrics *m, enum metric which, uint64_t n) {
    m->value[which] += n;
}

uint64_t metric_value(const struct metrics *m, enum metric which) {
    return m->value[which];
}

void metrics_published(struct metrics *m, int64_t at_ms) {
    if (m->nwaiting < WAITING_MAX)
        m->waiting[m->nwaiting++] = at_ms;
}

static void observe(struct metrics *m, int64_t ms) {
    if (ms < 0) /* the database's clock is ahead of ours */
        ms = 0;
    size_t i = 0;
    while (i < EDGES && ms > edges[i])
        i++;
    m->bucket[i]++;
    m->latency_count++;
    m->latency_sum_ms += (uint64_t)ms;
}

void metrics_flushed(struct metrics *m) {
    if (!m->nwaiting)
        return;
    int64_t now = clock_wall_ms();
    for (unsigned i = 0; i < m->nwaiting; i++)
        observe(m, now - m->waiting[i]);
    m->nwaiting = 0;
}

void metrics_head(struct str *out, const char *name, const char *type, const char *help) {
    str_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_sample(struct str *out, const char *name, const char *labels, double value) {
    str_printf(out, "%s%s %.15g\n", name, labels, value);
}

static void latency_print(const struct metrics *m, struct str *out) {
    const char *name = "maitred_broadcast_latency_seconds";
    metrics_head(out, name, "histogram", "From the commit of an event to its frames leaving");
    uint64_t sum = 0;
    for (size_t i = 0; i < EDGES; i++) {
        sum += m->bucket[i];
        str_printf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, edges[i] / 1000.0, sum);
    }
    str_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, m->latency_count);
    str_printf(out, "%s_sum %.3f\n", name, (double)m->latency_sum_ms / 1000.0);
    str_printf(out, "%s_count %" PRIu64 "\n", name, m->latency_count);
}

void metrics_print(const struct metrics *m, struct str *out) {
    for (int i = 0; i < METRIC_COUNT; i++) {
        metrics_head(out, table[i].name, "counter", table[i].help);
        str_printf(out, "%s %" PRIu64 "\n", table[i].name, m->value[i]);
    }
    latency_print(m, out);
}
