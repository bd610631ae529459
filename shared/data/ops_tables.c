/* ops_tables.c - tables and floors, and what the staff does with them. */
#include <config.h>

#include "data/ops.h"

const struct op ops_tables[] = {
    {0},
};
