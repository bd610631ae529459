/* sessions.c - the product's own file, and the one thing more that the guard needs of it: that
 * without a database the revocations and venues count as read. */
#include "core/sessions.c"

#include "sidecar.h"

void sidecar_sessions_read(struct session_watch *w) {
    w->state_read = w->venues_read = true;
}
