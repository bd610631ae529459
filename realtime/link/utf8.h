/* utf8.h - is this UTF-8 (RFC 3629)? For what wslay does not check: messages that came compressed. */
#ifndef LINK_UTF8_H
#define LINK_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *text, size_t len);

#endif
