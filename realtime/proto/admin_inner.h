/* admin_inner.h - what the files of the admin protocol share; nobody else includes it.
 *
 * admin.c the life of a connection and its actions; admin_encode.c TableInfo, made from a table's
 * document, of an event or of a snapshot alike.
 */
#ifndef PROTO_ADMIN_INNER_H
#define PROTO_ADMIN_INNER_H

#include "core/conn.h"
#include "proto/admin.h"

/* {"type":"table_update","table":TableInfo}; NULL for what is no table. */
struct frame *admin_encode(const struct event *e, unsigned variant);
/* {"type":"tables_snapshot","tables":[...]} from an array of table documents. */
void admin_snapshot(const struct json *tables, struct str *out);
struct words;
void admin_words(struct words *w); /* these two, for the AsyncAPI document */

#endif
