/* test_config.c - settings: defaults, file, environment, and every mistake named at once. */
#include <config.h>

#include "unit.h"

#include "base/config.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct target {
    char *database, *origins;
    long port;
    bool secure;
};

static const struct config_row rows[] = {
    {"database", CONFIG_STRING, offsetof(struct target, database), "dbname=maitred", 1, 40, 0,
     "where"},
    {"allowed_origins", CONFIG_LIST, offsetof(struct target, origins), "", 0, 0, CONFIG_RELOAD,
     "who"},
    {"port", CONFIG_INT, offsetof(struct target, port), "8081", 1, 65535, 0, "which port"},
    {"cookie_secure", CONFIG_BOOL, offsetof(struct target, secure), "true", 0, 0, 0, "https only"},
    {"other_program", CONFIG_INT, 0, NULL, 1, 2, CONFIG_FOREIGN, "not ours"},
    {0},
};

static bool load(const char *text, struct target *t, struct err *e) {
    char path[] = "/tmp/maitred-config.XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    bool ok = config_load(rows, t, path, e);
    unlink(path);
    return ok;
}

static void test_defaults(void **s) {
    (void)s;
    struct target t;
    struct err e;
    assert_true(config_load(rows, &t, NULL, &e));
    assert_string_equal(t.database, "dbname=maitred");
    assert_int_equal(t.port, 8081);
    assert_true(t.secure);
    config_free(rows, &t);
    assert_null(t.database);
}

static void test_file_and_environment(void **s) {
    (void)s;
    struct target t;
    struct err e;
    setenv("MAITRED_PORT", "9090", 1);
    bool ok = load("# comment\n\n  port = 80 # not this one\n\tdatabase =  host=/x dbname=y  \n"
                   "allowed_origins = \" a # b \"\ncookie_secure=off\nother_program = nonsense",
                   &t, &e);
    unsetenv("MAITRED_PORT");
    assert_true(ok);
    assert_int_equal(t.port, 9090);
    assert_string_equal(t.database, "host=/x dbname=y");
    assert_string_equal(t.origins, " a # b ");
    assert_false(t.secure);
    config_free(rows, &t);
}

static void test_every_mistake_is_named(void **s) {
    (void)s;
    struct target t;
    struct err e;
    setenv("MAITRED_COOKIE_SECURE", "perhaps", 1);
    bool ok = load("prot = 1\nport = 70000\ndatabase =\nno equals sign\n", &t, &e);
    unsetenv("MAITRED_COOKIE_SECURE");
    assert_false(ok);
    assert_int_equal(e.nfields, 5);
    assert_string_equal(e.fields[0].field, "prot");
    assert_non_null(strstr(e.fields[0].detail, ":1: no such setting"));
    assert_non_null(strstr(e.fields[1].detail, ":2: must be 1 to 65535"));
    assert_non_null(strstr(e.fields[2].detail, ":3: must be 1 to 40 characters"));
    assert_non_null(strstr(e.fields[3].detail, ":4: a line is"));
    assert_non_null(strstr(e.fields[4].detail, "MAITRED_COOKIE_SECURE: must be true or false"));
    assert_non_null(strstr(e.detail, "no such setting"));
    assert_null(t.database);
}

static void test_missing_file(void **s) {
    (void)s;
    struct target t;
    struct err e;
    assert_false(config_load(rows, &t, "/nonexistent/maitred.conf", &e));
    assert_non_null(strstr(e.detail, "No such file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_file_and_environment),
        cmocka_unit_test(test_every_mistake_is_named),
        cmocka_unit_test(test_missing_file),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
