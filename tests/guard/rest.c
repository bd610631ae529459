/* rest.c - the hot paths of the REST programs, counted: a poll that has nothing new, and one that
 * is answered from memory. Run by run.sh. Everything but the FastCGI library and the database.
 */
#include "config.h"

#include "guard.h"

#include "base/clock.h"
#include "cache.h"
#include "dispatch.h"
#include "programs.h"
#include "router.h"

#include <stdio.h>
#include <string.h>

#define VENUE      1
#define EPOCH      "0badcafe"
#define ROUTES_MAX 64

static struct settings settings;
static struct service service;
static struct exchange x;
static struct str head;
static char authorization[1024], condition[80];
static const char *env[16];

/* ------------------------------------------------------------------ the program */

static char *in_folder(const char *form) {
    char text[160];
    snprintf(text, sizeof text, form, guard_folder());
    return x_strdup(text);
}

static void set(char **row, char *text) {
    x_free(*row);
    *row = text;
}

static void page_make(void) {
    struct err e;
    int64_t areas[AREA_COUNT] = {0};
    areas[AREA_TABLES] = 40;
    struct positions *page = positions_prepare(settings.positions_file, &e);
    require(page && positions_place(page, &e));
    positions_set_epoch(page, EPOCH);
    positions_publish(page, EPOCH, VENUE, 50, areas);
    positions_set_live(page, true);
    positions_beat(page, clock_mono_ms());
    atomic_init(&service.page, page);
}

static void service_make(void) {
    static const struct op *ops[ROUTES_MAX];
    struct err e;
    require(config_load(settings_rows, &settings, NULL, &e));
    set(&settings.key_dir, in_folder("%s"));
    set(&settings.positions_file, in_folder("%s/positions"));
    struct auth_options keys = settings_auth(&settings);
    service.name = "guard";
    service.settings = &settings;
    service.routes = tables_routes;
    service.ops = ops;
    for (int i = 0; tables_routes[i].method; i++)
        ops[i] = tables_routes[i].op ? op_find(tables_routes[i].op) : tables_routes[i].form;
    require((service.auth = auth_load(&keys, &e)) != NULL);
    pthread_rwlock_init(&service.keys, NULL);
    service.limit = limit_open(""); /* counts for itself */
    service.answers =
        answers_new((size_t)settings.answer_cache_bytes, (size_t)settings.answer_cache_entries);
    atomic_store(&service.log_level, LOG_ERROR);
    log_init("guard", LOG_ERROR);
    page_make();
    x.service = &service;
    x.db = db_open("host=/nonexistent");
    x.arena = arena_new(64 * 1024);
}

static void service_free(void) {
    db_close(x.db);
    arena_free(x.arena);
    response_free(&x.rs);
    str_free(&x.subject);
    str_free(&head);
    positions_close(atomic_load(&service.page));
    answers_free(service.answers);
    limit_close(service.limit);
    auth_free(service.auth);
    pthread_rwlock_destroy(&service.keys);
    settings_free(&settings);
}

/* ------------------------------------------------------------------ requests */

static void authorize(void) {
    struct principal who = {.role = ROLE_ADMIN, .venue = VENUE, .account = 1};
    struct err e;
    strcpy(who.name, "anna");
    strcpy(who.slug, "bistro");
    who.exp = clock_wall_s() + 36000;
    char *token = auth_sign(service.auth, &who, clock_wall_s(), &e);
    require(token);
    snprintf(authorization, sizeof authorization, "HTTP_AUTHORIZATION=Bearer %s", token);
    x_free(token);
}

static long no_body(void *ctx, char *buf, size_t cap) {
    (void)ctx, (void)buf, (void)cap;
    return 0;
}

/* As lighttpd puts it. */
static void request_make(void) {
    const char *const variables[] = {"REQUEST_METHOD=GET",
                                     "REQUEST_URI=/api/tables?floor=1&limit=20",
                                     "SERVER_PROTOCOL=HTTP/1.1",
                                     "SERVER_PORT=8080",
                                     "REMOTE_ADDR=127.0.0.1",
                                     "HTTP_HOST=127.0.0.1:8080",
                                     "HTTP_USER_AGENT=guard",
                                     "HTTP_ACCEPT=application/json",
                                     authorization};
    size_t n = sizeof variables / sizeof *variables;
    memcpy(env, variables, sizeof variables);
    env[n] = *condition ? condition : NULL;
    env[n + 1] = NULL;
}

static void answer(int status) {
    request_make();
    positions_beat(service_page(&service), clock_mono_ms());
    COUNTED(dispatch(&x, (char *const *)(uintptr_t)env, no_body, NULL); str_clear(&head);
            response_head(&x.rs, &head));
    require(x.rs.status == status);
    COUNTED(dispatch_done(&x));
    guard_later(100); /* so that the allowance lasts */
}

/* The database can't be asked; but what it would have said is then known by its key. */
static void keep_one(void) {
    static char body[1900];
    struct cache_state s;
    struct answers_key key;
    char tag[CACHE_TAG_MAX];
    request_make();
    dispatch(&x, (char *const *)(uintptr_t)env, no_body, NULL);
    require(x.rs.status == 503 && cache_page(&x, &s));
    cache_key(&x, &s, &key);
    cache_tag(&key, tag);
    memset(body, 'x', sizeof body);
    const struct kept kept = {
        .status = 200, .head = "", .body = body, .body_len = sizeof body, .links = ""};
    answers_keep(service.answers, &key, &kept);
    dispatch_done(&x);
    snprintf(condition, sizeof condition, "HTTP_IF_NONE_MATCH=%s", tag);
}

static void conditional(void) {
    answer(304);
}

static void forget_condition(void) {
    *condition = '\0';
}

static void kept_answer(void) {
    answer(200);
}

static const struct path paths[] = {
    {"conditional GET", 1, keep_one, conditional, NULL},
    {"answer from memory", 1, forget_condition, kept_answer, NULL},
    {0},
};

int main(void) {
    service_make();
    authorize();
    guard_paths(paths);
    service_free();
    guard_folder_remove();
    return 0;
}
