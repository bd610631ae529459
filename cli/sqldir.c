/* sqldir.c - reads the sql directory. Called by migrate.c (and by init through it). */
#include "config.h"

#include "cli.h"
#include "sqldir.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEDGER "admin/ledger.sql"

static const char *const code_folders[] = {"rules", "feed", "api", "import", "admin"};
#define FOLDERS (sizeof code_folders / sizeof *code_folders)

static bool is_sql(const char *name) {
    size_t len = strlen(name);
    return name[0] != '.' && len > 4 && str_eq(name + len - 4, ".sql");
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct sqlfile *)a)->name, ((const struct sqlfile *)b)->name);
}

static bool file_add(struct sqlfile **files, size_t *n, const char *root, const char *folder,
                     const char *name, struct err *e) {
    struct str path = STR_INIT, text = STR_INIT, label = STR_INIT;
    str_printf(&path, "%s/%s/%s", root, folder, name);
    bool good = cli_read_file(str_c(&path), &text, e);
    str_free(&path);
    if (!good) {
        str_free(&text);
        return false;
    }
    str_printf(&label, "%s/%s", folder, name);
    str_puts(&text, "");
    *files = x_realloc(*files, (*n + 1) * sizeof **files);
    (*files)[(*n)++] = (struct sqlfile){str_steal(&label), str_steal(&text)};
    return true;
}

/* Appends the folder's files in order of their names; a folder that is not there has none. */
static bool folder_read(const char *root, const char *folder, struct sqlfile **files, size_t *n,
                        struct err *e) {
    struct str path = STR_INIT;
    str_printf(&path, "%s/%s", root, folder);
    DIR *dir = opendir(str_c(&path));
    str_free(&path);
    if (!dir)
        return true;
    size_t first = *n;
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(dir)) != NULL;)
        if (is_sql(entry->d_name))
            good = file_add(files, n, root, folder, entry->d_name, e);
    closedir(dir);
    if (*n > first)
        qsort(*files + first, *n - first, sizeof **files, by_name);
    return good;
}

bool sqldir_read(struct sqldir *d, const char *path, struct err *e) {
    *d = (struct sqldir){0};
    bool good = folder_read(path, "migrations", &d->migrations, &d->nmigrations, e);
    for (size_t i = 0; good && i < FOLDERS; i++)
        good = folder_read(path, code_folders[i], &d->code, &d->ncode, e);
    for (size_t i = 0; i < d->ncode; i++)
        if (str_eq(d->code[i].name, LEDGER))
            d->ledger = &d->code[i];
    if (good && (!d->ledger || d->nmigrations == 0))
        good = err_set(e, ERR_NOT_FOUND, "%s holds no migrations and " LEDGER
                       "; see --sql-dir, MAITRED_SQL and sql_dir", path);
    if (!good)
        sqldir_free(d);
    return good;
}

static void files_free(struct sqlfile *files, size_t n) {
    for (size_t i = 0; i < n; i++) {
        x_free(files[i].name);
        x_free(files[i].text);
    }
    x_free(files);
}

void sqldir_free(struct sqldir *d) {
    files_free(d->migrations, d->nmigrations);
    files_free(d->code, d->ncode);
    *d = (struct sqldir){0};
}
