/* init.c - maitred init: makes the key directory with a first key, the configuration file, and
 * with --database the database itself.
 *
 * Never overwrites: what is there already is kept and named. --new-key adds a key beside the old
 * ones; the newest name signs (auth.h), the others go on verifying until they are removed.
 */
#include "config.h"

#include "migrate.h"
#include "pg.h"
#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEY_BYTES 48

static struct {
    const char *key_dir, *sql_dir;
    struct opt_list set;
    bool new_key, create_database;
} o;

static const struct opt opts[] = {
    {"key-dir", OPT_TEXT, &o.key_dir, "DIR", "key directory (default: key_dir of the configuration)"},
    {"new-key", OPT_FLAG, &o.new_key, NULL, "make a key even if there is one: it signs from now on"},
    {"set", OPT_REPEAT, &o.set, "KEY=VALUE", "a row of the configuration file that is made"},
    {"create-database", OPT_FLAG, &o.create_database, NULL, "make the database and migrate it"},
    {"sql-dir", OPT_TEXT, &o.sql_dir, "DIR", "the sql directory (default: MAITRED_SQL, sql_dir)"},
    {0},
};

/* mkdir -p for what leads to `path`, and `path` itself with `mode`. */
static bool folder_make(const char *path, mode_t mode, struct err *e) {
    char *copy = x_strdup(path);
    bool good = true;
    for (char *p = copy + 1; good && *p; p++)
        if (*p == '/') {
            *p = '\0';
            good = mkdir(copy, 0755) == 0 || errno == EEXIST;
            *p = '/';
        }
    good = good && (mkdir(copy, mode) == 0 || errno == EEXIST);
    x_free(copy);
    return good ? true : err_set(e, ERR_INVALID_REQUEST, "%s: %s", path, strerror(errno));
}

static bool has_key(const char *dir_path) {
    DIR *dir = opendir(dir_path);
    bool found = false;
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        size_t len = strlen(entry->d_name);
        found = found || (len > 6 && str_eq(entry->d_name + len - 6, ".hs256"));
    }
    if (dir)
        closedir(dir);
    return found;
}

/* A new file with exactly these bytes, on disk before this returns; never over an old one. */
static bool file_make(const char *path, mode_t mode, const void *bytes, size_t len, struct err *e) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_set(e, ERR_CONFLICT, "%s: %s", path, strerror(errno));
    bool good = fchmod(fd, mode) == 0 && write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    if (good)
        return true;
    unlink(path);
    return err_set(e, ERR_INTERNAL, "%s can't be written: %s", path, strerror(errno));
}

static bool key_make(struct cli *c, const char *dir, struct err *e) {
    unsigned char secret[KEY_BYTES];
    char stamp[32], suffix[5];
    struct str path = STR_INIT;
    time_t now = (time_t)clock_wall_s();
    struct tm tm;
    /* Names sort by time, and two made in one second still differ. */
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    random_hex(suffix, 4);
    random_bytes(secret, sizeof secret);
    str_printf(&path, "%s/%s-%s.hs256", dir, stamp, suffix);
    bool good = file_make(str_c(&path), 0600, secret, sizeof secret, e);
    explicit_bzero(secret, sizeof secret);
    if (good)
        cli_say(c, "made key %s", str_c(&path));
    str_free(&path);
    return good;
}

static bool keys_ready(struct cli *c, struct err *e) {
    const char *dir = o.key_dir ? o.key_dir : c->settings.key_dir;
    if (!folder_make(dir, 0700, e))
        return false;
    if (has_key(dir) && !o.new_key) {
        cli_say(c, "kept the keys in %s", dir);
        return true;
    }
    return key_make(c, dir, e);
}

static bool row_known(const char *row) {
    size_t len = strcspn(row, "=");
    for (const struct config_row *r = settings_rows; r->key; r++)
        if (strlen(r->key) == len && memcmp(r->key, row, len) == 0)
            return row[len] == '=';
    return false;
}

static void row_write(struct str *out, const char *row) {
    size_t len = strcspn(row, "=");
    str_printf(out, "%.*s = %s\n", (int)len, row, row + len + 1);
}

static bool rows_compose(const struct cli *c, struct str *out, struct err *e) {
    str_puts(out, "# maitred.conf - read by every program of maitred; see maitred.conf(5).\n"
                  "# A row is KEY = VALUE; MAITRED_KEY in the environment goes before it.\n");
    if (c->database)
        str_printf(out, "database = %s\n", c->database);
    if (o.key_dir)
        str_printf(out, "key_dir = %s\n", o.key_dir);
    for (int i = 0; i < o.set.n; i++) {
        if (!row_known(o.set.v[i]))
            return err_set(e, ERR_INVALID_FIELD, "--set %s is no KEY=VALUE of the configuration",
                           o.set.v[i]);
        row_write(out, o.set.v[i]);
    }
    return true;
}

static const char *config_path(const struct cli *c) {
    const char *env = getenv("MAITRED_CONFIG");
    return c->config ? c->config : env && *env ? env : SETTINGS_FILE;
}

static bool config_make(struct cli *c, const char *path, struct err *e) {
    struct str text = STR_INIT, folder = STR_INIT;
    const char *slash = strrchr(path, '/');
    str_put(&folder, path, slash && slash > path ? (size_t)(slash - path) : 0);
    bool good = rows_compose(c, &text, e) && (!folder.len || folder_make(str_c(&folder), 0755, e)) &&
                /* may hold a password of the database */
                file_make(path, 0640, str_c(&text), text.len, e);
    if (good)
        cli_say(c, "made %s", path);
    str_free(&text);
    str_free(&folder);
    return good;
}

static bool config_ready(struct cli *c, struct err *e) {
    const char *path = config_path(c);
    if (access(path, F_OK) == 0) {
        cli_say(c, "kept %s", path);
        if (o.set.n)
            return err_set(e, ERR_CONFLICT, "%s exists, so --set changes nothing; edit it", path);
    } else if (!config_make(c, path, e)) {
        return false;
    }
    c->config = path;
    return cli_settings(c, e);
}

/* The name is no parameter of CREATE DATABASE, which can't run in a transaction either. */
static bool database_create(struct cli *c, struct pg *pg, const char *name, struct err *e) {
    struct str statement = STR_INIT;
    str_puts(&statement, "create database ");
    pg_identifier(&statement, name);
    str_puts(&statement, " encoding 'UTF8' template template0");
    bool made = pg_do(pg, str_c(&statement), e);
    str_free(&statement);
    if (made)
        cli_say(c, "made database %s", name);
    return made;
}

/* has_database_privilege refuses the name of a database that is not there. */
static bool database_exists(struct pg *pg, const char *name) {
    struct err unknown;
    const char *values[] = {name};
    return pg_run(pg, "select has_database_privilege($1, 'connect')", 1, values, &unknown);
}

static bool database_make(struct cli *c, struct pg *pg, const char *name, struct err *e) {
    if (!database_exists(pg, name))
        return database_create(c, pg, name, e);
    cli_say(c, "kept database %s", name);
    return true;
}

static bool database_ready(struct cli *c, struct err *e) {
    struct str own = STR_INIT, other = STR_INIT;
    char name[64];
    struct pg *pg = NULL;
    settings_conninfo(&c->settings, c->settings.owner_role, "maitred", &own);
    bool good = pg_retarget(str_c(&own), "postgres", name, sizeof name, &other, e) &&
                (pg = pg_open(str_c(&other), e)) != NULL && database_make(c, pg, name, e);
    pg_close(pg);
    str_free(&own);
    str_free(&other);
    return good && cli_connect(c, NULL, e) && migrate_apply(c, migrate_sql_dir(c, o.sql_dir), e);
}

static bool run(struct cli *c, char **operands, int n, struct err *e) {
    (void)operands, (void)n;
    return config_ready(c, e) && keys_ready(c, e) && (!o.create_database || database_ready(c, e));
}

const struct command command_init = {
    "init", "", 0, 0, "Make the configuration file, the first key, and the database.",
    "What exists is kept. With --database the connection text goes into the new file; with\n"
    "--create-database that database is made, if it is not there, and migrated.", opts, run};
