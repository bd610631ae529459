/* bearer.c - where a request carries its token: the Authorization header (RFC 6750 section 2.1) or
 * a cookie (RFC 6265 section 5.4). Finds it, says nothing about it. */
#include <config.h>

#include "access/auth.h"

#include <string.h>
#include <strings.h>

const char *auth_bearer(const char *authorization) {
    static const char scheme[] = "Bearer";
    size_t n = sizeof scheme - 1;
    if (!authorization || strncasecmp(authorization, scheme, n) != 0 || authorization[n] != ' ')
        return NULL;
    const char *token = authorization + n + strspn(authorization + n, " ");
    return *token ? token : NULL;
}

bool auth_cookie(const char *cookies, const char *name, char *out, size_t cap) {
    size_t n = strlen(name);
    for (const char *s = cookies; s && *s;) {
        s += strspn(s, "; \t");
        size_t len = strcspn(s, ";");
        if (len > n && memcmp(s, name, n) == 0 && s[n] == '=') {
            const char *value = s + n + 1;
            size_t value_len = len - n - 1;
            while (value_len && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
                value_len--;
            if (value_len == 0 || value_len >= cap)
                return false;
            memcpy(out, value, value_len);
            out[value_len] = '\0';
            return true;
        }
        s += len;
    }
    return false;
}
