/* listen.h - the Unix socket that a program makes for itself (--socket PATH). */
#ifndef REST_LISTEN_H
#define REST_LISTEN_H

#include "base/err.h"

/* The descriptor, or -1. A socket left behind is replaced, a served one is not taken away. */
int listen_open(const char *path, int mode, struct err *e) must_check;
/* Nobody comes in any more: the path goes (unless somebody else has bound it since), and accept
 * serves those who wait already, then says EAGAIN. */
void listen_retire(int fd, const char *path);

#endif
