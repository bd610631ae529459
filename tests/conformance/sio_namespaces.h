/* sio_namespaces.h - the Socket.IO applications of sio-conformance: what the public suites expect
 * of a server. */
#ifndef TESTS_SIO_NAMESPACES_H
#define TESTS_SIO_NAMESPACES_H

#include "proto/socketio.h"

/* A: the protocol's own suite, and namespace /own for tests/socketio. B: socket.io-client's suite.
 */
extern const struct sio_proto sio_profile_a, sio_profile_b;

/* What the two have in common: an event is a row, with its name and what it does. */
struct sio_row {
    const char *name;
    void (*run)(struct sio_socket *s, const struct sio_event *ev);
};
/* Runs the row of this name; what has none is ignored. */
void sio_rows_run(const struct sio_row *rows, struct sio_socket *s, const char *name,
                  const struct sio_event *ev);
/* The arguments from number `from` on as members, behind `"name",` unless that is NULL. */
void sio_members(struct str *out, const char *name, const struct json *args, size_t from);

#endif
