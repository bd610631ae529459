/* programs.h - the REST programs: one an area, each a table of routes over the shared dispatcher.
 *
 * The tables are all linked into every program, so that the OpenAPI document can be made from the
 * very rows that are served. A program is one row of `programs` and its name in Makefile.am.
 */
#ifndef REST_PROGRAMS_H
#define REST_PROGRAMS_H

#include "router.h"

struct program {
    const char *name;           /* "tables" of maitred-tables */
    const char *summary;        /* one line: the tag's description in OpenAPI */
    const struct route *routes; /* ended by a row without a method */
};

extern const struct route stats_routes[], reservations_routes[], rooms_routes[], menu_routes[],
    tables_routes[], orders_routes[], accounts_routes[];

/* Ended by a row without a name. */
extern const struct program programs[];

const struct program *program_find(const char *name); /* NULL: there is none */

#endif
