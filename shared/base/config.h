/* config.h - settings as one table of typed rows: file, environment, defaults, --help, man page.
 *
 * A program declares its rows; config_load reads the file (`key = value`, # comments), then the
 * environment (MAITRED_ + key in upper case), and refuses unknown keys and bad values with the
 * line and the reason, all at once. The target struct is const afterwards; SIGHUP loads a fresh
 * one and copies only the rows marked CONFIG_RELOAD.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/err.h"

#include <stddef.h>

enum config_type { CONFIG_STRING, CONFIG_INT, CONFIG_BOOL, CONFIG_PATH, CONFIG_LIST };
enum config_flag {
    CONFIG_RELOAD = 1,
    CONFIG_SECRET = 2,
    CONFIG_FOREIGN = 4 /* another program's key of the one shared file: known here, not stored */
};

struct config_row {
    const char *key;        /* snake_case, e.g. "ping_interval_ms"; units in the name */
    enum config_type type;  /* STRING, PATH, LIST: char * in the target; INT: long; BOOL: bool */
    size_t offset;          /* of the member in the target struct */
    const char *fallback;   /* default, as text */
    long min, max;          /* for INT; for STRING the length bounds when max > 0 */
    unsigned flags;
    const char *help;       /* one line, ends up in --help and the man page */
};

/* `file` may be NULL (environment and defaults only). Strings are owned by the target until
 * config_free. On false e->detail names the file, line, key and reason. */
bool config_load(const struct config_row *rows, void *target, const char *file, struct err *e) must_check;
void config_free(const struct config_row *rows, void *target);
/* Prints the rows as --help text; as mdoc/man when `man` is set. */
void config_help(const struct config_row *rows, bool man);

#endif
