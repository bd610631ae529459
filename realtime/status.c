/* status.c - /healthz, /readyz and /metrics. Called through the endpoints table; owns nothing: gauges
 * are read off the parts at the moment that somebody asks. */
#include "config.h"

#include "status.h"

#include "access/topic.h"
#include "base/clock.h"
#include "core/conn.h"
#include "core/feed.h"
#include "core/hub.h"
#include "core/metrics.h"
#include "core/sessions.h"
#include "endpoints.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void status_health(struct server *s, const struct request *r, struct str *body, int *status,
                   const char **content_type) {
    (void)s, (void)r, (void)status, (void)content_type;
    str_puts(body, "{\"status\":\"ok\"}");
}

bool status_reasons(const struct server *s, struct str *out) {
    const struct {
        bool bad;
        const char *why;
    } checks[] = {
        {s->draining, "the service is stopping"},
        {!s->actions || !dba_up(s->actions), "the database is away"},
        {!s->feed || !feed_ready(s->feed), "the feed has not caught up"},
        {!s->sessions || !sessions_ready(s->sessions), "revoked tokens are not known yet"},
    };
    bool ready = true;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (!checks[i].bad)
            continue;
        str_printf(out, "%s\"%s\"", ready ? "" : ",", checks[i].why);
        ready = false;
    }
    return ready;
}

void status_ready(struct server *s, const struct request *r, struct str *body, int *status,
                  const char **content_type) {
    (void)r, (void)content_type;
    struct str reasons = STR_INIT;
    bool ready = status_reasons(s, &reasons);
    str_printf(body, "{\"ready\":%s,\"reasons\":[%s]", ready ? "true" : "false", str_c(&reasons));
    str_printf(body, ",\"connections\":%u,\"feedLagMs\":%llu}", s->nconns,
               s->feed ? (unsigned long long)feed_lag_ms(s->feed) : 0ull);
    *status = ready ? 200 : 503;
    str_free(&reasons);
}

/* One sample a protocol of the table, also for those that nobody speaks at the moment. */
static bool first_of_proto(const struct endpoint *ep) {
    for (const struct endpoint *o = endpoints; o < ep; o++)
        if (o->proto == ep->proto)
            return false;
    return ep->proto != NULL;
}

static void connections_print(const struct server *s, struct str *out) {
    const char *name = "maitred_connections";
    metrics_head(out, name, "gauge", "Open connections by protocol");
    for (const struct endpoint *ep = endpoints; ep->path; ep++) {
        if (!first_of_proto(ep))
            continue;
        unsigned n = 0;
        for (const struct conn *c = s->conns; c; c = c->next)
            n += c->proto == ep->proto && !c->resting;
        char labels[80];
        snprintf(labels, sizeof labels, "{protocol=\"%s\"}", ep->proto->name);
        metrics_sample(out, name, labels, n);
    }
}

static void rooms_print(const struct server *s, struct str *out) {
    const char *name = "maitred_room_members";
    if (!s->hub)
        return;
    metrics_head(out, name, "gauge", "Subscriptions by kind of channel");
    for (int kind = TOPIC_NONE + 1; kind < TOPIC_KINDS; kind++) {
        char topic[TOPIC_NAME_MAX], labels[96];
        topic_name((struct topic){(enum topic_kind)kind, 0}, topic);
        topic[strcspn(topic, ":")] = '\0';
        snprintf(labels, sizeof labels, "{room=\"%s\"}", topic);
        metrics_sample(out, name, labels, hub_members(s->hub, (enum topic_kind)kind));
    }
}

static double resident_bytes(void) {
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void gauge(struct str *out, const char *name, const char *help, double value) {
    metrics_head(out, name, "gauge", help);
    metrics_sample(out, name, "", value);
}

void status_metrics(struct server *s, const struct request *r, struct str *body, int *status,
                    const char **content_type) {
    (void)r, (void)status;
    struct str reasons = STR_INIT;
    *content_type = "text/plain; version=0.0.4; charset=utf-8";
    connections_print(s, body);
    rooms_print(s, body);
    gauge(body, "maitred_ready", "1: new clients are taken", status_reasons(s, &reasons));
    gauge(body, "maitred_database_up", "1: the connection for actions is up",
          s->actions && dba_up(s->actions));
    gauge(body, "maitred_feed_ready", "1: the feed is connected and has caught up",
          s->feed && feed_ready(s->feed));
    gauge(body, "maitred_feed_lag_seconds", "How far the feed is behind the commits",
          s->feed ? (double)feed_lag_ms(s->feed) / 1000.0 : 0);
    gauge(body, "process_resident_memory_bytes", "Resident memory", resident_bytes());
    metrics_print(s->metrics, body);
    str_free(&reasons);
}
