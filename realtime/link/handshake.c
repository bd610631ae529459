/* handshake.c - see the header. Called by http_upgrade.c; owns nothing; the only user of SHA-1. */
#include "config.h"

#include "link/handshake.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#define GUID     "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 section 1.3 */
#define KEY_LEN  24
#define SHA1_LEN 20

static bool base64_char(char c) {
    return isalnum((unsigned char)c) || c == '+' || c == '/';
}

/* 16 bytes are 22 characters and two of padding; the last one carries 2 bits. */
static bool key_valid(const char *key) {
    if (strlen(key) != KEY_LEN || strcmp(key + 22, "==") != 0)
        return false;
    for (int i = 0; i < 22; i++)
        if (!base64_char(key[i]))
            return false;
    return strchr("AQgw", key[21]) != NULL;
}

/* Looked up once: the library's own EVP_sha1() is looked up again at each use. */
static const EVP_MD *sha1(void) {
    static EVP_MD *md;
    if (!md)
        md = EVP_MD_fetch(NULL, "SHA1", NULL);
    return md;
}

bool handshake_accept(const char *key, char out[HANDSHAKE_ACCEPT_MAX]) {
    if (!key || !key_valid(key))
        return false;
    char text[KEY_LEN + sizeof GUID];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    memcpy(text, key, KEY_LEN);
    memcpy(text + KEY_LEN, GUID, sizeof GUID);
    if (!EVP_Digest(text, sizeof text - 1, digest, &len, sha1(), NULL) || len != SHA1_LEN)
        return false;
    EVP_EncodeBlock((unsigned char *)out, digest, SHA1_LEN);
    return true;
}

/* A little scanner over `token`, `token=value`, `token="value"`, separated by ; and , */
struct word {
    char name[64], value[64];
    bool has_value;
    char next; /* what ended it: ';', ',', '\0', or '?' for what is not in the grammar */
};

static const char *skip(const char *p) {
    return p + strspn(p, " \t");
}

static bool token_char(char c) {
    return c && (isalnum((unsigned char)c) || strchr("!#$%&'*+-.^_`|~", c));
}

static const char *token_read(const char *p, char *out, size_t cap) {
    size_t n = 0;
    while (token_char(p[n]))
        n++;
    snprintf(out, cap, "%.*s", (int)n, p);
    return n < cap ? p + n : p; /* too long: what follows is then no separator */
}

static const char *value_read(const char *p, char *out, size_t cap) {
    bool quoted = *p == '"';
    p = token_read(p + quoted, out, cap);
    if (quoted)
        p += *p == '"' ? 1 : 0;
    return p;
}

static const char *word_read(const char *p, struct word *w) {
    memset(w, 0, sizeof *w);
    p = skip(token_read(skip(p), w->name, sizeof w->name));
    if (*p == '=') {
        w->has_value = true;
        p = skip(value_read(skip(p + 1), w->value, sizeof w->value));
    }
    w->next = *p == '\0' || *p == ',' || *p == ';' ? *p : '?';
    return w->next == '?' ? strchr(p, '\0') : *p ? p + 1 : p;
}

bool handshake_has(const char *value, const char *token) {
    size_t want = strlen(token);
    for (const char *p = value; p && *p;) {
        p += strspn(p, " \t,");
        size_t len = strcspn(p, ", \t");
        if (len == want && strncasecmp(p, token, len) == 0)
            return true;
        p += strcspn(p, ",");
    }
    return false;
}

/* permessage-deflate */

enum { SERVER_NO_CONTEXT, CLIENT_NO_CONTEXT, SERVER_BITS, CLIENT_BITS, PARAMS };
static const char *const params[PARAMS] = {
    "server_no_context_takeover",
    "client_no_context_takeover",
    "server_max_window_bits",
    "client_max_window_bits",
};

struct offer {
    bool acceptable, seen[PARAMS];
    int bits;
};

/* 8..15 without leading zeros (RFC 7692 section 7.1.2); 0: something else. */
static int bits_read(const char *v) {
    if (strlen(v) == 1 && (*v == '8' || *v == '9'))
        return *v - '0';
    if (strlen(v) == 2 && v[0] == '1' && v[1] >= '0' && v[1] <= '5')
        return 10 + v[1] - '0';
    return 0;
}

static bool param_value_ok(int param, const struct word *w) {
    if (param == SERVER_BITS)
        return w->has_value && bits_read(w->value);
    if (param == CLIENT_BITS)
        return !w->has_value || bits_read(w->value);
    return !w->has_value;
}

/* An offer with an unknown, repeated or malformed parameter must be declined (section 7). */
static void param_take(struct offer *o, const struct word *w) {
    int i = 0;
    while (i < PARAMS && strcasecmp(params[i], w->name) != 0)
        i++;
    if (i == PARAMS || o->seen[i] || !param_value_ok(i, w)) {
        o->acceptable = false;
        return;
    }
    o->seen[i] = true;
    if (i == SERVER_BITS)
        o->bits = bits_read(w->value);
}

static const char *offer_read(const char *p, struct offer *o) {
    struct word w;
    p = word_read(p, &w);
    *o = (struct offer){.bits = 15};
    o->acceptable = strcasecmp(w.name, "permessage-deflate") == 0 && !w.has_value;
    while (w.next == ';') {
        p = word_read(p, &w);
        if (o->acceptable)
            param_take(o, &w);
    }
    if (w.next == '?')
        o->acceptable = false;
    return p;
}

int handshake_deflate(const char *offers, char answer[HANDSHAKE_ANSWER_MAX]) {
    for (const char *p = offers; p && *p;) {
        struct offer o;
        p = offer_read(p, &o);
        if (!o.acceptable)
            continue;
        /* Both sides without context: one shared state inflates for all, one frame suits all. The
         * client's window does not matter: ours for inflating is the largest. */
        int n = snprintf(answer, HANDSHAKE_ANSWER_MAX, "permessage-deflate; %s; %s",
                         params[SERVER_NO_CONTEXT], params[CLIENT_NO_CONTEXT]);
        if (o.seen[SERVER_BITS])
            snprintf(answer + n, HANDSHAKE_ANSWER_MAX - (size_t)n, "; %s=%d", params[SERVER_BITS],
                     o.bits);
        return o.bits;
    }
    return 0;
}

bool handshake_bearer(const char *protocols, char *out, size_t cap) {
    const char *p = protocols ? skip(protocols) : "";
    size_t len = strcspn(p, ", \t");
    if (len != 6 || strncasecmp(p, "bearer", 6) != 0)
        return false;
    p = skip(p + len);
    if (*p++ != ',')
        return false;
    p = skip(p);
    len = strcspn(p, ", \t");
    if (!len || len >= cap)
        return false;
    memcpy(out, p, len);
    out[len] = '\0';
    return true;
}

/* host[:port] with the default port of either scheme taken off. */
static size_t host_len(const char *host, size_t len) {
    static const char *const defaults[] = {":80", ":443"};
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(defaults[i]);
        if (len > n && strncmp(host + len - n, defaults[i], n) == 0)
            return len - n;
    }
    return len;
}

bool handshake_same_origin(const char *origin, const char *host) {
    const char *at = origin ? strstr(origin, "://") : NULL;
    if (!at || !host)
        return false;
    at += 3;
    size_t a = host_len(at, strcspn(at, "/")), b = host_len(host, strcspn(host, ", \t"));
    return a && a == b && strncasecmp(at, host, a) == 0;
}
