/* tokens.c - POST /api/auth/ticket, /api/auth/guest and /api/auth/api-keys. See tokens.h.
 *
 * Owns nothing between requests. Tickets and guests' tokens are short-lived: the same request
 * simply makes another one, and no Idempotency-Key keeps a secret. An API key is different: the
 * same key gives the stored answer, which never held the secret, so there it is null.
 */
#include "config.h"

#include "tokens.h"

#include "base/clock.h"
#include "bind.h"
#include "dispatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct arg no_args[] = {{.name = NULL}};
static const struct arg guest_args[] = {
    {.name = "session_id",
     .alias = "sessionId",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "the table session, which must be open; the token ends with it"},
    {.name = "order_id",
     .alias = "orderId",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "or the order"},
    {.name = NULL},
};
static const struct arg api_key_args[] = {
    {.name = "label", .type = ARG_TEXT, .place = IN_BODY, .max = 100, .help = "what it is for"},
    {.name = "account",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "whose it is, for administrators; else one's own"},
    {.name = NULL},
};
const struct op token_ticket_form = {.name = "ticket_create",
                                     .summary = "A ticket for a socket's URL: one use, 30 seconds",
                                     .cap = CAP_ANYONE,
                                     .write = true,
                                     .status = 200,
                                     .args = no_args,
                                     .answer = "Ticket"};
const struct op token_guest_form = {.name = "guest_token_create",
                                    .summary = "A guest's token, for a table session or an order",
                                    .cap = CAP_GUEST_TOKENS,
                                    .write = true,
                                    .status = 200,
                                    .args = guest_args,
                                    .answer = "GuestToken"};
const struct op token_api_key_form = {.name = "api_key_create",
                                      .summary = "Make an API key; it is shown this once",
                                      .cap = CAP_API_KEYS,
                                      .write = true,
                                      .status = 201,
                                      .keyed = true,
                                      .args = api_key_args,
                                      .answer = "NewApiKey"};
enum { GUEST_SESSION, GUEST_ORDER, GUEST_JTI, GUEST_EXP };
enum { KEY_LABEL, KEY_ACCOUNT, KEY_HASH };

static const char *number(struct exchange *x, int64_t n) {
    return arena_printf(x->arena, "%" PRId64, n);
}

/* The answer's object with one more member, `secret`, in front. */
static const char *with_secret(struct exchange *x, const char *name, const char *secret,
                               const struct answer *a) {
    require(a->body && a->body[0] == '{');
    const char *quote = secret ? "\"" : "";
    return arena_printf(x->arena, "{\"%s\":%s%s%s,%s", name, quote, secret ? secret : "null", quote,
                        a->body + 1);
}

static void answer_secret(struct exchange *x, const char *name, const char *secret,
                          const struct answer *a) {
    const char *body = with_secret(x, name, secret, a);
    response_json(&x->rs, a->status, body, strlen(body));
}

/* --- tickets ------------------------------------------------------------------------------ */

bool token_ticket(struct exchange *x, struct err *e) {
    char ticket[48], hash[65];
    const struct principal *who = &x->who;
    struct op_values v;
    struct answer a;
    if (!bind_op(x, &token_ticket_form, &v, e))
        return false;
    ticket_make(ticket);
    api_key_hash(ticket, hash);
    v = (struct op_values){.n = 5, .v = {hash, who->jti, number(x, who->iat), number(x, who->exp)}};
    v.v[4] = arena_printf(x->arena, "%" PRIx64, who->key);
    if (!dispatch_call(x, "ticket_create", who, &v, &a, e))
        return false;
    answer_secret(x, "ticket", ticket, &a);
    return true;
}

/* --- guests ------------------------------------------------------------------------------- */

/* Signed before it is known whether it may be: without its row in the database, or the refusal of
 * it, nobody is given it. */
static char *guest_sign(struct exchange *x, const struct op_values *form, struct principal *guest,
                        struct err *e) {
    long long session = 0, order = 0;
    if (form->v[GUEST_SESSION])
        require(str_to_int64(form->v[GUEST_SESSION], &session));
    if (form->v[GUEST_ORDER])
        require(str_to_int64(form->v[GUEST_ORDER], &order));
    *guest = (struct principal){
        .role = ROLE_GUEST, .venue = x->who.venue, .session = session, .order = order};
    guest->exp = x->now + x->service->settings->guest_token_lifetime_s;
    snprintf(guest->name, sizeof guest->name, "guest");
    memcpy(guest->slug, x->who.slug, sizeof guest->slug);
    pthread_rwlock_rdlock(&x->service->keys);
    char *token = auth_sign(x->service->auth, guest, x->now, e);
    pthread_rwlock_unlock(&x->service->keys);
    return token;
}

/* Exactly one of the two. */
static bool guest_of_one(const struct op_values *form, struct err *e) {
    bool session = form->v[GUEST_SESSION], order = form->v[GUEST_ORDER];
    if (session != order)
        return true;
    return err_field(e, "session_id", session ? "duplicate" : "required", "%s",
                     session ? "Give a session or an order, not both."
                             : "It is required, unless there is an order_id.");
}

bool token_guest(struct exchange *x, struct err *e) {
    struct op_values v;
    struct principal guest;
    struct answer a;
    if (!bind_op(x, &token_guest_form, &v, e) || !guest_of_one(&v, e))
        return false;
    char *token = guest_sign(x, &v, &guest, e);
    if (!token)
        return false;
    v.n = 4;
    v.v[GUEST_JTI] = guest.jti;
    v.v[GUEST_EXP] = number(x, guest.exp);
    bool made = dispatch_call(x, "guest_token_create", &x->who, &v, &a, e);
    if (made)
        answer_secret(x, "token", token, &a);
    x_free(token);
    return made;
}

/* --- API keys ----------------------------------------------------------------------------- */

/* Is the row that was answered this key's? With an Idempotency-Key it may be an earlier one's. */
static bool just_made(const struct answer *a, const char *hash) {
    struct err ignored;
    struct json *row = json_parse(a->body, a->body_len, &ignored);
    const char *mark = json_string(json_get(row, "fingerprint"), NULL);
    bool same = mark && *mark && str_starts(hash, mark);
    json_free(row);
    return same;
}

bool token_api_key(struct exchange *x, struct err *e) {
    char secret[48], hash[65];
    struct db_key key;
    struct op_values v;
    struct answer a;
    bool bound = bind_op(x, &token_api_key_form, &v, e);
    if (!bind_key(x, &key, e) || !bound)
        return false;
    api_key_make(secret);
    api_key_hash(secret, hash);
    v.n = 3;
    v.v[KEY_HASH] = hash;
    if (!db_call(x->db, x->op, &x->who, &v, key.key ? &key : NULL, x->arena, &a, e))
        return false;
    a.body = with_secret(x, "key", just_made(&a, hash) ? secret : NULL, &a);
    a.body_len = strlen(a.body);
    dispatch_answer(x, &v, &a);
    explicit_bzero(secret, sizeof secret);
    return true;
}
