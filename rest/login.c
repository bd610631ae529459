/* login.c - /api/auth/login, /refresh, /logout. See login.h.
 *
 * Owns nothing between requests. An unknown account, a wrong password and an inactive account look
 * alike, in text and in time; each attempt is recorded, and the database says when there were too
 * many. These answers are never kept for an Idempotency-Key: they hold a secret.
 */
#include "config.h"

#include "login.h"

#include "base/clock.h"
#include "bind.h"
#include "dispatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct arg login_args[] = {
    {.name = "username",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .min = 1,
     .max = 64,
     .help = "the account's name; required, unless there is an apiKey"},
    {.name = "password",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .min = 1,
     .max = 1024,
     .help = "its password; required, unless there is an apiKey"},
    {.name = "venue",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .min = 1,
     .max = 64,
     .help = "the venue's slug; required, unless there is an apiKey"},
    {.name = "apiKey",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .min = 1,
     .max = 64,
     .help = "an API key, instead of the three others"},
    {.name = NULL},
};
static const struct arg no_args[] = {{.name = NULL}};
const struct op login_form = {.name = "login",
                              .summary = "Log in with a password or an API key",
                              .cap = CAP_PUBLIC,
                              .write = true,
                              .status = 200,
                              .args = login_args,
                              .answer = "Session"};
const struct op login_refresh_form = {.name = "login_refresh",
                                      .summary = "A new token for a good one",
                                      .cap = CAP_ANYONE,
                                      .write = true,
                                      .status = 200,
                                      .args = no_args,
                                      .answer = "Session"};
const struct op login_close_form = {.name = "logout",
                                    .summary =
                                        "Log out: the token is refused everywhere from now on",
                                    .cap = CAP_ANYONE,
                                    .write = true,
                                    .status = 204,
                                    .args = no_args};
enum { USERNAME, PASSWORD, VENUE, API_KEY };

static const char *address_of(const struct exchange *x) {
    return *x->rq.address ? x->rq.address : "local";
}

/* --- the token ---------------------------------------------------------------------------- */

static void cookie_set(struct exchange *x, const char *token, int64_t seconds) {
    bool secure = x->rq.secure || x->service->settings->cookie_secure;
    response_headerf(&x->rs, "Set-Cookie",
                     AUTH_COOKIE "=%s; Max-Age=%" PRId64 "; Path=/; HttpOnly; SameSite=Strict%s",
                     token, seconds, secure ? "; Secure" : "");
}

/* Signed with the time of now, not of the request's start: login_done may have waited for the
 * second after the account's last change, and an older iat would be refused. */
static char *token_sign(struct exchange *x, struct principal *who, struct err *e) {
    x->now = clock_wall_s();
    pthread_rwlock_rdlock(&x->service->keys);
    char *token = auth_sign(x->service->auth, who, x->now, e);
    pthread_rwlock_unlock(&x->service->keys);
    return token;
}

/* {token, expiresAt, user}; `user` is the JSON that SQL made, copied as it is. */
static bool token_answer(struct exchange *x, struct principal *who, const char *user,
                         struct err *e) {
    char expires[CLOCK_ISO_MAX];
    char *token = token_sign(x, who, e);
    if (!token)
        return false;
    clock_iso_ms(who->exp * 1000, expires);
    str_clear(&x->rs.text);
    str_puts(&x->rs.text, "{\"token\":");
    json_put_string(&x->rs.text, token);
    str_printf(&x->rs.text, ",\"expiresAt\":\"%s\",\"user\":%s}", expires, user);
    cookie_set(x, token, who->exp - x->now);
    x_free(token);
    response_json(&x->rs, 200, str_c(&x->rs.text), x->rs.text.len);
    return true;
}

/* --- the account -------------------------------------------------------------------------- */

static void copy_text(char *to, size_t cap, const struct json *object, const char *key) {
    const char *s = json_string(json_get(object, key), NULL);
    snprintf(to, cap, "%s", s ? s : "");
}

/* Account, venue and role of a fresh principal, from what login_start and its like answer. */
static bool principal_read(const struct json *row, struct principal *who) {
    char role[32];
    memset(who, 0, sizeof *who);
    copy_text(role, sizeof role, row, "role");
    copy_text(who->name, sizeof who->name, row, "username");
    copy_text(who->slug, sizeof who->slug, row, "slug");
    who->role = role_parse(role);
    return json_int(json_get(row, "account"), &who->account) &&
           json_int(json_get(row, "venue"), &who->venue) && who->role != ROLE_NONE;
}

static bool row_parse(const struct answer *a, struct json **row, struct err *e) {
    *row = json_parse(a->body, a->body_len, e);
    return *row || err_set(e, ERR_INTERNAL, "The account could not be read.");
}

/* Says how an attempt ended; on success the answer is the user. */
static bool attempt_done(struct exchange *x, const struct principal *who, bool success,
                         struct answer *user, struct err *e) {
    struct op_values v = {.n = 3};
    v.v[0] = who->account ? arena_printf(x->arena, "%" PRId64, who->account) : NULL;
    v.v[1] = address_of(x);
    v.v[2] = success ? "true" : "false";
    return dispatch_call(x, "login_done", NULL, &v, user, e);
}

static bool refuse_text(struct err *e) {
    return err_set(e, ERR_BAD_CREDENTIALS, "What was sent does not open an account here.");
}

static bool refuse(struct exchange *x, const struct principal *who, struct err *e) {
    struct answer ignored;
    if (!attempt_done(x, who, false, &ignored, e))
        return false;
    return refuse_text(e);
}

/* --- the two ways in ---------------------------------------------------------------------- */

static bool password_right(const struct json *row, const char *password) {
    bool active = false;
    bool right = password_verify(password, json_string(json_get(row, "hash"), NULL));
    return json_bool(json_get(row, "active"), &active) && active && right;
}

static bool open_by_password(struct exchange *x, const struct op_values *form, struct err *e) {
    struct op_values v = {.n = 3, .v = {form->v[VENUE], form->v[USERNAME], address_of(x)}};
    struct answer a;
    struct json *row;
    struct principal who;
    if (!dispatch_call(x, "login_start", NULL, &v, &a, e) || !row_parse(&a, &row, e))
        return false;
    bool right = password_right(row, form->v[PASSWORD]);
    bool known = principal_read(row, &who);
    json_free(row);
    if (!right || !known)
        return refuse(x, &who, e);
    if (!attempt_done(x, &who, true, &a, e))
        return false;
    return a.body ? token_answer(x, &who, a.body, e) : refuse_text(e);
}

static bool open_by_key(struct exchange *x, const char *key, struct err *e) {
    char hash[65];
    struct op_values v = {.n = 1, .v = {hash}}, none = {.n = 0};
    struct answer a;
    struct json *row;
    struct principal who = {0};
    if (!api_key_looks(key))
        return refuse(x, &who, e);
    api_key_hash(key, hash);
    if (!dispatch_call(x, "api_key_session", NULL, &v, &a, e))
        return e->http == 401 && refuse(x, &who, e);
    if (!row_parse(&a, &row, e))
        return false;
    bool known = principal_read(row, &who);
    json_free(row);
    if (!known)
        return err_set(e, ERR_INTERNAL, "The key's account could not be read.");
    return dispatch_call(x, "session_user", &who, &none, &a, e) && token_answer(x, &who, a.body, e);
}

/* --- routes ------------------------------------------------------------------------------- */

static void need(const struct op_values *form, int i, struct err *e) {
    if (!form->v[i])
        err_field(e, login_args[i].name, "required", "It is required, unless there is an apiKey.");
}

bool login_open(struct exchange *x, struct err *e) {
    struct op_values form;
    if (!bind_op(x, &login_form, &form, e))
        return false;
    if (form.v[API_KEY])
        return open_by_key(x, form.v[API_KEY], e);
    err_clear(e);
    need(&form, USERNAME, e);
    need(&form, PASSWORD, e);
    need(&form, VENUE, e);
    return e->code == ERR_NONE && open_by_password(x, &form, e);
}

bool login_refresh(struct exchange *x, struct err *e) {
    struct op_values none;
    struct answer a;
    struct json *row;
    char role[32];
    struct principal who = x->who;
    if (!bind_op(x, &login_refresh_form, &none, e) ||
        !dispatch_call(x, "session_user", &who, &none, &a, e) || !row_parse(&a, &row, e))
        return false;
    copy_text(role, sizeof role, row, "role");
    json_free(row);
    who.role = role_parse(role);
    who.exp = 0;
    return token_answer(x, &who, a.body, e);
}

bool login_close(struct exchange *x, struct err *e) {
    struct op_values v;
    struct answer a;
    if (!bind_op(x, &login_close_form, &v, e))
        return false;
    if (!*x->who.jti || !x->who.exp)
        return err_set(e, ERR_INVALID_REQUEST, "An API key is revoked, not logged out.");
    v.n = 2;
    v.v[0] = x->who.jti;
    v.v[1] = arena_printf(x->arena, "%" PRId64, x->who.exp);
    if (!dispatch_call(x, "logout", &x->who, &v, &a, e))
        return false;
    if (service_page(x->service))
        positions_revoke(service_page(x->service), x->who.jti, x->who.exp);
    dispatch_publish(x, &a);
    cookie_set(x, "", 0);
    response_json(&x->rs, 204, NULL, 0);
    return true;
}
