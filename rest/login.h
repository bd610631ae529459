/* login.h - the handlers of /api/auth: what can't be one call of one function.
 *
 * The password is compared here, between two calls, because libcrypt is C's; tokens are signed
 * here, because the keys never reach the database. Used by accounts.c only.
 */
#ifndef REST_LOGIN_H
#define REST_LOGIN_H

#include "service.h"

/* What clients send and get, which is not what the functions behind them take. */
extern const struct op login_form, login_refresh_form, login_close_form;

/* {username, password, venue} or {apiKey} -> {token, expiresAt, user} and the cookie. */
bool login_open(struct exchange *x, struct err *e) must_check;
/* A good token -> a new one with the account's role as it is now. */
bool login_refresh(struct exchange *x, struct err *e) must_check;
/* Revokes the token's jti, on the page at once, and takes the cookie back. */
bool login_close(struct exchange *x, struct err *e) must_check;

#endif
