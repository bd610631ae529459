/* schemas.h - the files of docs/schemas, which Makefile.am builds into the programs.
 *
 * Each is {"schemas": {"Name": {...}}, "requests": {"op_name": {...}}}, and live.json has the
 * examples of what clients say on sockets, {"actions": {"name": {...}}}. Opened while the OpenAPI
 * or the AsyncAPI document is made; nothing is kept afterwards.
 */
#ifndef DATA_SCHEMAS_H
#define DATA_SCHEMAS_H

#include "base/json.h"
#include "base/put.h"

struct schemas; /* all files, parsed */
struct schemas *schemas_open(void);
void schemas_close(struct schemas *s);
/* The schema, or NULL. */
const struct json *schemas_find(const struct schemas *s, const char *name);
/* The example of what is sent, a member of `section`: "requests" or "actions"; or NULL. */
const struct json *schemas_sent(const struct schemas *s, const char *section, const char *name);
/* The members of components.schemas: every schema that the text refers to so far, and every one
 * that these refer to. */
void schemas_put(const struct schemas *s, struct str *o);

/* One file of docs/schemas; the table is made by Makefile.am. */
struct schema_file {
    const char *name;
    const char *text;
    unsigned long len;
};
extern const struct schema_file schema_files[]; /* ended by a row without a name */

#endif
