/* people.h - the handler that takes a password: adding and changing an account.
 *
 * The password becomes its hash here, because libcrypt is C's. Used by accounts.c only.
 */
#ifndef REST_PEOPLE_H
#define REST_PEOPLE_H

#include "service.h"

/* The route's op, account_create or account_update. */
bool people_write(struct exchange *x, struct err *e) must_check;

#endif
