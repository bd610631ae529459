/* json.h - strict JSON in, plain text out; the only user of json-c.
 *
 * In: RFC 8259 to the letter, I-JSON's rules where they protect us: json-c's laxities (single-quoted
 * keys, duplicate keys, raw control characters, NaN, Infinity, `1.`, 1e400, out-of-range integers,
 * lone surrogates, \u0000, trailing bytes) are refused; depth 32; size bounded by the caller.
 * Out: text is appended to a struct str, no tree is built.
 * A struct json is owned by whoever parsed it (json_free); its members live as long as it does.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

/* Our names must not stand in for a library's: json-c has a type json_bool and an enum json_type,
 * and jansson, which libjwt brings along, exports json_string, which a definition in the program
 * would replace for libjwt too. So these three have longer names where the linker looks. */
#define json_string maitred_json_string
#define json_bool maitred_json_bool
#define json_type maitred_json_type

struct json; /* a value in a parsed tree */

enum json_type { JSON_NULL, JSON_BOOL, JSON_INT, JSON_DOUBLE, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* NULL and INVALID_JSON with position and reason when the text is not strict JSON. */
struct json *json_parse(const char *text, size_t len, struct err *e) must_check;
/* The same; *beyond: it was refused for a limit of ours (I-JSON, depth, range), where a laxer
 * parser would have taken it. */
struct json *json_parse_or(const char *text, size_t len, bool *beyond, struct err *e) must_check;
void json_free(struct json *root);

enum json_type json_type_of(const struct json *v); /* NULL pointer: JSON_NULL */
const struct json *json_get(const struct json *object, const char *key); /* NULL: absent or no object */
bool json_int(const struct json *v, int64_t *out);    /* only JSON_INT: never coerces */
bool json_double(const struct json *v, double *out);  /* INT or DOUBLE */
bool json_bool(const struct json *v, bool *out);
const char *json_string(const struct json *v, size_t *len); /* NULL unless JSON_STRING; no NUL inside */
size_t json_length(const struct json *array);
const struct json *json_at(const struct json *array, size_t i);
/* Walks an object's members in order; return false from `f` to stop. */
void json_each(const struct json *object, bool (*f)(const char *key, const struct json *v, void *ctx),
               void *ctx);
/* The value as compact JSON text again, '/' not escaped. */
void json_write(const struct json *v, struct str *out);

/* Writing. json_put_string quotes and escapes, and makes U+2028/2029 safe for scripts. */
void json_put_string(struct str *out, const char *s);
void json_put_string_n(struct str *out, const char *s, size_t len);

#endif
