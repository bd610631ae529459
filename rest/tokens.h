/* tokens.h - the handlers that hand out a secret: tickets, guests' tokens, API keys.
 *
 * What is handed out is made here and shown once; the database is given its hash, or of a guest's
 * token its id. Used by accounts.c only.
 */
#ifndef REST_TOKENS_H
#define REST_TOKENS_H

#include "service.h"

/* What clients send, which is not what the functions behind them take. */
extern const struct op token_ticket_form, token_guest_form, token_api_key_form;

/* {} -> {ticket, expiresAt}: stands for the caller's token in a socket's URL. */
bool token_ticket(struct exchange *x, struct err *e) must_check;
/* {session_id} or {order_id} -> {token, expiresAt}. */
bool token_guest(struct exchange *x, struct err *e) must_check;
/* {label, account} -> the key's row with the key itself in it. */
bool token_api_key(struct exchange *x, struct err *e) must_check;

#endif
