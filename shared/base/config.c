/* config.c - settings from defaults, one file and the environment, by a program's table of rows.
 *
 * Called once at a program's start and again on SIGHUP. Every mistake is collected as a field of
 * the error (key, reason with the line), so that an operator mends them all at once. --help and
 * the man page come from the same rows.
 */
#include <config.h>

#include "base/config.h"

#include "base/mem.h"
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 4096
#define ENV_PREFIX     "MAITRED_"

static bool is_text(enum config_type type) {
    return type != CONFIG_INT && type != CONFIG_BOOL;
}

static void *member_of(const struct config_row *row, void *target) {
    return (char *)target + row->offset;
}

static bool set_int(const struct config_row *row, void *member, const char *text, char *why,
                    size_t cap) {
    long long value;
    if (!str_to_int64(text, &value)) {
        snprintf(why, cap, "must be a whole number");
        return false;
    }
    if (value < row->min || value > row->max) {
        snprintf(why, cap, "must be %ld to %ld", row->min, row->max);
        return false;
    }
    *(long *)member = (long)value;
    return true;
}

static bool set_bool(void *member, const char *text, char *why, size_t cap) {
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true},   {"yes", true}, {"on", true},   {"1", true},
                 {"false", false}, {"no", false}, {"off", false}, {"0", false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i].word) == 0) {
            *(bool *)member = words[i].value;
            return true;
        }
    }
    snprintf(why, cap, "must be true or false");
    return false;
}

static bool set_text(const struct config_row *row, void *member, const char *text, char *why,
                     size_t cap) {
    size_t len = strlen(text);
    if (row->max > 0 && (len < (size_t)row->min || len > (size_t)row->max)) {
        snprintf(why, cap, "must be %ld to %ld characters long", row->min, row->max);
        return false;
    }
    char *copy = x_strdup(text);
    x_free(*(char **)member);
    *(char **)member = copy;
    return true;
}

/* A secret's value never shows in an error, and neither does any other: only key and reason do. */
static bool set_value(const struct config_row *row, void *target, const char *text,
                      const char *where, struct err *e) {
    char why[96];
    void *member = member_of(row, target);
    bool ok = row->type == CONFIG_INT    ? set_int(row, member, text, why, sizeof why)
              : row->type == CONFIG_BOOL ? set_bool(member, text, why, sizeof why)
                                         : set_text(row, member, text, why, sizeof why);
    return ok || err_field(e, row->key, "invalid", "%s: %s", where, why);
}

static const struct config_row *row_find(const struct config_row *rows, const char *key) {
    for (; rows->key; rows++) {
        if (strcmp(rows->key, key) == 0)
            return rows;
    }
    return NULL;
}

static char *trim(char *s) {
    while (isspace((unsigned char)*s))
        s++;
    char *end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return s;
}

/* `key = value`; a value in double quotes keeps its blanks and may hold a #. */
static char *value_of(char *s) {
    s = trim(s);
    char *close = *s == '"' ? strchr(s + 1, '"') : NULL;
    if (close) {
        *close = '\0';
        return s + 1;
    }
    for (char *c = s; *c; c++) {
        if (*c == '#' && (c == s || isspace((unsigned char)c[-1])))
            *c = '\0';
        if (!*c)
            break;
    }
    return trim(s);
}

static bool line_read(const struct config_row *rows, void *target, char *line, const char *where,
                      struct err *e) {
    char *text = trim(line);
    if (!*text || *text == '#')
        return true;
    char *equals = strchr(text, '=');
    if (!equals)
        return err_field(e, text, "syntax", "%s: a line is `key = value`", where);
    *equals = '\0';
    char *key = trim(text), *value = value_of(equals + 1);
    const struct config_row *row = row_find(rows, key);
    if (!row)
        return err_field(e, key, "unknown", "%s: no such setting", where);
    return row->flags & CONFIG_FOREIGN || set_value(row, target, value, where, e);
}

static bool file_read(const struct config_row *rows, void *target, const char *path,
                      struct err *e) {
    FILE *f = fopen(path, "re");
    if (!f)
        return err_set(e, ERR_INVALID_REQUEST, "%s: %s", path, strerror(errno));
    bool ok = true;
    char line[LINE_MAX_BYTES], where[128];
    for (int number = 1; fgets(line, sizeof line, f); number++) {
        snprintf(where, sizeof where, "%.100s:%d", path, number);
        if (strlen(line) == sizeof line - 1 && !feof(f)) {
            ok = err_field(e, "line", "length", "%s: the line is too long", where);
            break;
        }
        ok = line_read(rows, target, line, where, e) && ok;
    }
    fclose(f);
    return ok;
}

static bool environment_read(const struct config_row *row, void *target, struct err *e) {
    char name[96] = ENV_PREFIX;
    size_t n = strlen(name);
    for (const char *c = row->key; *c && n < sizeof name - 1; c++)
        name[n++] = (char)toupper((unsigned char)*c);
    const char *value = getenv(name);
    return !value || row->flags & CONFIG_FOREIGN || set_value(row, target, value, name, e);
}

/* The sentence that a program prints before it gives up: every reason, as far as it fits. */
static void detail_join(struct err *e) {
    size_t n = 0;
    for (int i = 0; i < e->nfields && i < ERR_FIELDS_MAX && n < sizeof e->detail; i++) {
        const struct err_field *f = &e->fields[i];
        n += (size_t)snprintf(e->detail + n, sizeof e->detail - n, "%s%s (%s)", i ? "; " : "",
                              f->detail, f->field);
    }
}

bool config_load(const struct config_row *rows, void *target, const char *file, struct err *e) {
    bool ok = true;
    err_clear(e);
    for (const struct config_row *row = rows; row->key; row++) {
        if (is_text(row->type) && !(row->flags & CONFIG_FOREIGN))
            *(char **)member_of(row, target) = NULL;
        if (row->fallback && !(row->flags & CONFIG_FOREIGN))
            require(set_value(row, target, row->fallback, "default", e));
    }
    if (file)
        ok = file_read(rows, target, file, e);
    for (const struct config_row *row = rows; row->key; row++)
        ok = environment_read(row, target, e) && ok;
    if (!ok && e->nfields)
        detail_join(e);
    if (!ok)
        config_free(rows, target);
    return ok;
}

void config_free(const struct config_row *rows, void *target) {
    for (; rows->key; rows++) {
        if (!is_text(rows->type) || rows->flags & CONFIG_FOREIGN)
            continue;
        char **member = member_of(rows, target);
        x_free(*member);
        *member = NULL;
    }
}

static const char *type_name(enum config_type type) {
    static const char *const names[] = {[CONFIG_STRING] = "text",
                                        [CONFIG_INT] = "number",
                                        [CONFIG_BOOL] = "true|false",
                                        [CONFIG_PATH] = "path",
                                        [CONFIG_LIST] = "a,b,..."};
    return names[type];
}

static void help_notes(const struct config_row *row) {
    if (row->type == CONFIG_INT)
        printf(" %ld to %ld.", row->min, row->max);
    if (row->fallback && *row->fallback && !(row->flags & CONFIG_SECRET))
        printf(" Default: %s.", row->fallback);
    if (row->flags & CONFIG_RELOAD)
        printf(" Read again on SIGHUP.");
}

void config_help(const struct config_row *rows, bool man) {
    for (; rows->key; rows++) {
        if (rows->flags & CONFIG_FOREIGN)
            continue;
        if (man)
            printf(".It Cm %s Ar %s\n%s", rows->key, type_name(rows->type), rows->help);
        else
            printf("  %-28s %-12s %s", rows->key, type_name(rows->type), rows->help);
        help_notes(rows);
        putchar('\n');
    }
}
