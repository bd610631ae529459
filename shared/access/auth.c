/* auth.c - tokens in and out (RFC 7519, RFC 8725); the only user of libjwt.
 *
 * Header and claims are read by our own strict parser, because libjwt takes the algorithm from the
 * token and does not tell a missing claim from a float (LIBRARIES section 3). libjwt checks the
 * signature, with the key that `kid` names, after the algorithm was compared with that key's, and
 * is asked afterwards which algorithm it used.
 */
#include <config.h>

#include "access/auth_keys.h"

#include "access/settings.h"
#include "base/json.h"

#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX_BYTES 4096
#define CLOCK_LEEWAY_S  5 /* of an outside provider's clock, for nbf and iat; none for exp */

static const struct {
    const char *name;
    jwt_alg_t alg;
} algorithms[] = {
    [KEY_HS256] = {"HS256", JWT_ALG_HS256},
    [KEY_RS256] = {"RS256", JWT_ALG_RS256},
    [KEY_ES256] = {"ES256", JWT_ALG_ES256},
};

static bool invalid(struct err *e) {
    /* One sentence for all reasons: a forger learns nothing from it. */
    return err_set(e, ERR_TOKEN_INVALID, "The token is not valid.");
}

struct parts {
    const char *at[3];
    size_t len[3];
};

static bool split(const char *token, struct parts *out) {
    size_t len = token ? strnlen(token, TOKEN_MAX_BYTES + 1) : 0;
    if (len == 0 || len > TOKEN_MAX_BYTES)
        return false;
    const char *s = token;
    for (int i = 0; i < 3; i++) {
        out->at[i] = s;
        out->len[i] = strcspn(s, ".");
        if (out->len[i] == 0 || (s[out->len[i]] == '.') != (i < 2))
            return false;
        s += out->len[i] + 1;
    }
    return true;
}

/* A part as a JSON object, or NULL. */
static struct json *part_object(const struct parts *parts, int i) {
    struct str text = STR_INIT;
    struct json *v = NULL;
    struct err ignored;
    if (base64url_decode(parts->at[i], parts->len[i], &text))
        v = json_parse(str_c(&text), text.len, &ignored);
    str_free(&text);
    if (v && json_type_of(v) != JSON_OBJECT) {
        json_free(v);
        v = NULL;
    }
    return v;
}

static const struct key *key_for(const struct auth *a, const struct json *header) {
    const struct json *kid = json_get(header, "kid");
    const char *name = json_string(kid, NULL), *alg = json_string(json_get(header, "alg"), NULL);
    const struct key *key = !kid && a->nkeys == 1 ? &a->keys[0] : NULL;
    for (int i = 0; name && i < a->nkeys; i++) {
        if (str_eq(a->keys[i].kid, name))
            key = &a->keys[i];
    }
    /* RFC 7515 section 4.1.11: an extension that we do not know must be refused. */
    bool fits = key && alg && str_eq(alg, algorithms[key->alg].name) && !json_get(header, "crit");
    return fits ? key : NULL;
}

/* libjwt's own base64 is lenient; one token shall have one spelling. */
static bool signature_spelled(const struct parts *parts) {
    struct str bytes = STR_INIT;
    bool ok = base64url_decode(parts->at[2], parts->len[2], &bytes);
    str_free(&bytes);
    return ok;
}

static bool signature_ok(const char *token, const struct parts *parts, const struct key *key) {
    jwt_t *jwt = NULL;
    if (!signature_spelled(parts) || jwt_decode(&jwt, token, key->bytes, (int)key->len) != 0 ||
        !jwt)
        return false;
    bool ok = jwt_get_alg(jwt) == algorithms[key->alg].alg;
    jwt_free(jwt);
    return ok;
}

static bool text_claim(const struct json *claims, const char *name, char *out, size_t cap) {
    size_t len;
    const char *text = json_string(json_get(claims, name), &len);
    if (!text || len == 0 || len >= cap)
        return false; /* a name cut short would be another name */
    memcpy(out, text, len + 1);
    return true;
}

static bool id_claim(const struct json *claims, const char *name, bool needed, int64_t *out) {
    const struct json *v = json_get(claims, name);
    *out = 0;
    return (!v && !needed) || (json_int(v, out) && *out > 0);
}

/* RFC 7519 section 4.1.3: one text, or an array that holds it. */
static bool audience_ok(const struct json *aud, const char *want) {
    if (str_eq(json_string(aud, NULL), want))
        return true;
    for (size_t i = 0; i < json_length(aud); i++) {
        if (str_eq(json_string(json_at(aud, i), NULL), want))
            return true;
    }
    return false;
}

static bool begun(const struct principal *p, int64_t now) {
    return p->iat <= now + CLOCK_LEEWAY_S && p->nbf <= now + CLOCK_LEEWAY_S;
}

static bool times_ok(const struct json *claims, int64_t now, struct principal *out) {
    const struct json *not_before = json_get(claims, "nbf");
    return json_int(json_get(claims, "exp"), &out->exp) && out->exp > 0 &&
           json_int(json_get(claims, "iat"), &out->iat) && out->iat > 0 &&
           (!not_before || json_int(not_before, &out->nbf)) && begun(out, now);
}

/* Is the issuer one whom this key may speak for? */
static bool issuer_ok(const struct auth *a, const char *iss, bool outside) {
    if (!iss || !outside)
        return str_eq(iss, a->issuer);
    return settings_listed(a->provider_issuers, iss);
}

/* Staff have an account's id as `sub`; a guest has none, but one session or one order. */
static bool subject_ok(const struct json *claims, struct principal *out) {
    const char *sub = json_string(json_get(claims, "sub"), NULL);
    long long account;
    if (!sub || !id_claim(claims, "session", false, &out->session) ||
        !id_claim(claims, "order", false, &out->order))
        return false;
    if (out->role == ROLE_GUEST)
        return str_eq(sub, "guest") && (out->session || out->order);
    if (!str_to_int64(sub, &account) || account < 1 || out->session || out->order)
        return false;
    out->account = account;
    return true;
}

/* Who the token says that it is. Of an outside provider's only account and venue are taken: what
 * that account is called and may do is not its to say, and it has no guests. */
static bool person_read(const struct json *claims, struct principal *out) {
    if (!out->outside)
        out->role = role_parse(json_string(json_get(claims, "role"), NULL));
    bool named = out->outside || (out->role != ROLE_NONE &&
                                  text_claim(claims, "name", out->name, sizeof out->name) &&
                                  text_claim(claims, "slug", out->slug, sizeof out->slug));
    return named && id_claim(claims, "venue", true, &out->venue) && subject_ok(claims, out);
}

static bool jti_read(const struct json *claims, struct principal *out) {
    bool read = text_claim(claims, "jti", out->jti, sizeof out->jti);
    out->jti_hash = text_hash(out->jti);
    return read;
}

static bool claims_read(const struct auth *a, const struct json *claims, const struct key *key,
                        int64_t now, struct principal *out) {
    memset(out, 0, sizeof *out);
    out->outside = key->alg != KEY_HS256;
    out->key = key->id;
    return issuer_ok(a, json_string(json_get(claims, "iss"), NULL), out->outside) &&
           audience_ok(json_get(claims, "aud"), a->audience) && times_ok(claims, now, out) &&
           person_read(claims, out) && jti_read(claims, out);
}

static bool token_ok(const struct auth *a, const char *token, int64_t now, struct principal *out) {
    struct parts parts;
    if (!split(token, &parts))
        return false;
    struct json *header = part_object(&parts, 0);
    const struct key *key = header ? key_for(a, header) : NULL;
    struct json *claims = key && signature_ok(token, &parts, key) ? part_object(&parts, 1) : NULL;
    bool ok = claims && claims_read(a, claims, key, now, out);
    json_free(claims);
    json_free(header);
    return ok;
}

/* What was found right stays right for as long as the keys are the same; only time goes on. */
static bool seen_ok(const struct auth *a, const char *token, size_t len, int64_t now,
                    struct principal *out) {
    return seen_find(a->seen, token, len, out) && begun(out, now) && out->exp > now;
}

bool auth_verify(const struct auth *a, const char *token, int64_t now, struct principal *out,
                 struct err *e) {
    size_t len = token ? strnlen(token, TOKEN_MAX_BYTES + 1) : 0;
    if (seen_ok(a, token, len, now, out))
        return true;
    if (!token_ok(a, token, now, out)) {
        memset(out, 0, sizeof *out);
        return invalid(e);
    }
    if (out->exp <= now) {
        memset(out, 0, sizeof *out);
        return err_set(e, ERR_TOKEN_EXPIRED, "The token has expired.");
    }
    seen_keep(a->seen, token, len, out);
    return true;
}

bool auth_key_known(const struct auth *a, uint64_t key) {
    bool known = key == 0;
    for (int i = 0; i < a->nkeys; i++)
        known = known || a->keys[i].id == key;
    return known;
}

static bool claims_add(jwt_t *jwt, const struct auth *a, const struct principal *p) {
    char sub[24] = "guest";
    if (p->role != ROLE_GUEST)
        snprintf(sub, sizeof sub, "%lld", (long long)p->account);
    int failed = jwt_add_header(jwt, "kid", a->signer->kid);
    failed |= jwt_add_grant(jwt, "iss", a->issuer);
    failed |= jwt_add_grant(jwt, "aud", a->audience);
    failed |= jwt_add_grant(jwt, "sub", sub);
    failed |= jwt_add_grant(jwt, "name", p->name);
    failed |= jwt_add_grant(jwt, "slug", p->slug);
    failed |= jwt_add_grant(jwt, "role", role_name(p->role));
    failed |= jwt_add_grant(jwt, "jti", p->jti);
    failed |= jwt_add_grant_int(jwt, "venue", p->venue);
    failed |= jwt_add_grant_int(jwt, "iat", p->iat);
    failed |= jwt_add_grant_int(jwt, "exp", p->exp);
    if (p->session)
        failed |= jwt_add_grant_int(jwt, "session", p->session);
    if (p->order)
        failed |= jwt_add_grant_int(jwt, "order", p->order);
    return failed == 0;
}

char *auth_sign(const struct auth *a, struct principal *p, int64_t now, struct err *e) {
    random_hex(p->jti, 32);
    p->jti_hash = text_hash(p->jti);
    p->key = a->signer->id;
    p->outside = false;
    p->iat = now;
    if (p->exp == 0)
        p->exp = now + a->lifetime_s;
    jwt_t *jwt = NULL;
    char *token = NULL;
    bool ok = jwt_new(&jwt) == 0 &&
              jwt_set_alg(jwt, JWT_ALG_HS256, a->signer->bytes, (int)a->signer->len) == 0 &&
              claims_add(jwt, a, p);
    char *encoded = ok ? jwt_encode_str(jwt) : NULL;
    if (encoded)
        token = x_strdup(encoded);
    else
        err_set(e, ERR_INTERNAL, "%s", "");
    free(encoded);
    jwt_free(jwt);
    return token;
}
