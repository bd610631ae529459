/* cli.c - options, settings, connection and talk that the subcommands share.
 *
 * Called by main.c and by each subcommand. The options of a command are one table: getopt_long's
 * rows and the --help text are both made from it, so that they can't differ.
 */
#include "config.h"

#include "cli.h"
#include "pg.h"
#include "base/mem.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define OPTS_MAX 24
enum { OPT_HELP = 1000, OPT_CONFIG, OPT_DATABASE, OPT_QUIET };

static const struct option common_options[] = {
    {"help", no_argument, NULL, OPT_HELP},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"database", required_argument, NULL, OPT_DATABASE},
    {"quiet", no_argument, NULL, OPT_QUIET},
};
#define COMMON (sizeof common_options / sizeof *common_options)

static void option_help(const char *name, enum opt_kind kind, const char *value, const char *help) {
    struct str left = STR_INIT;
    str_printf(&left, "--%s", name);
    if (kind == OPT_MAYBE)
        str_printf(&left, "[=%s]", value);
    else if (kind != OPT_FLAG)
        str_printf(&left, " %s", value);
    printf("  %-28s %s%s\n", str_c(&left), help, kind == OPT_REPEAT ? " (may be repeated)" : "");
    str_free(&left);
}

void cli_usage(const struct command *cmd) {
    printf("usage: maitred %s [OPTION]...%s%s\n\n%s\n", cmd->name, *cmd->operands ? " " : "",
           cmd->operands, cmd->summary);
    if (cmd->about)
        printf("\n%s\n", cmd->about);
    printf("\n");
    for (const struct opt *o = cmd->opts; o && o->name; o++)
        option_help(o->name, o->kind, o->value, o->help);
    option_help("config", OPT_TEXT, "FILE", "configuration (default: MAITRED_CONFIG, " SETTINGS_FILE ")");
    option_help("database", OPT_TEXT, "CONNINFO", "libpq connection text, before the configuration's");
    option_help("quiet", OPT_FLAG, NULL, "say nothing but errors");
    option_help("help", OPT_FLAG, NULL, "this text");
}

static bool option_take(const struct opt *o, char *value) {
    if (o->kind == OPT_FLAG) {
        *(bool *)o->to = true;
    } else if (o->kind == OPT_REPEAT) {
        struct opt_list *list = o->to;
        if (list->n == OPT_LIST_MAX) {
            fprintf(stderr, "maitred: --%s is given too often\n", o->name);
            return false;
        }
        list->v[list->n++] = value;
    } else {
        *(const char **)o->to = value ? value : "";
    }
    return true;
}

static int options_build(const struct command *cmd, struct option *out) {
    int n = 0;
    memcpy(out, common_options, sizeof common_options);
    for (const struct opt *o = cmd->opts; o && o->name; o++, n++) {
        int takes = o->kind == OPT_FLAG    ? no_argument
                    : o->kind == OPT_MAYBE ? optional_argument
                                           : required_argument;
        require(n < OPTS_MAX);
        out[COMMON + (size_t)n] = (struct option){o->name, takes, NULL, n};
    }
    return n;
}

static bool common_take(struct cli *c, int option, char *value) {
    if (option == OPT_CONFIG)
        c->config = value;
    else if (option == OPT_DATABASE)
        c->database = value;
    else if (option == OPT_QUIET)
        c->quiet = true;
    else
        return false;
    return true;
}

enum cli_parsed cli_parse(struct cli *c, int argc, char **argv, char ***operands, int *n) {
    struct option options[COMMON + OPTS_MAX + 1];
    memset(options, 0, sizeof options);
    options_build(c->command, options);
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            cli_usage(c->command);
            return CLI_HELPED;
        }
        if (option == '?' || option == ':') {
            fprintf(stderr, "maitred %s: %s %s; see --help\n", c->command->name, argv[optind - 1],
                    option == ':' ? "needs a value" : "is no option");
            return CLI_WRONG;
        }
        if (!common_take(c, option, optarg) && !option_take(&c->command->opts[option], optarg))
            return CLI_WRONG;
    }
    *operands = argv + optind;
    *n = argc - optind;
    if (*n >= c->command->min && *n <= c->command->max)
        return CLI_RUN;
    fprintf(stderr, "usage: maitred %s [OPTION]... %s\n", c->command->name, c->command->operands);
    return CLI_WRONG;
}

bool cli_settings(struct cli *c, struct err *e) {
    if (c->loaded)
        return true;
    if (c->database)
        setenv("MAITRED_DATABASE", c->database, 1);
    c->loaded = settings_load(&c->settings, c->config, e);
    if (c->loaded)
        log_set_level(settings_log_level(&c->settings));
    return c->loaded;
}

bool cli_connect(struct cli *c, const char *role, struct err *e) {
    if (!cli_settings(c, e))
        return false;
    struct str text = STR_INIT;
    settings_conninfo(&c->settings, role ? role : c->settings.owner_role, "maitred", &text);
    c->pg = pg_open(str_c(&text), e);
    str_free(&text);
    return c->pg != NULL;
}

void cli_close(struct cli *c) {
    pg_close(c->pg);
    if (c->loaded)
        settings_free(&c->settings);
    c->loaded = false;
}

void cli_say(const struct cli *c, const char *fmt, ...) {
    if (c->quiet)
        return;
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

bool cli_read_file(const char *path, struct str *out, struct err *e) {
    FILE *f = fopen(path, "re");
    char buf[8192];
    if (!f)
        return err_set(e, ERR_INVALID_REQUEST, "%s: %s", path, strerror(errno));
    for (size_t got; (got = fread(buf, 1, sizeof buf, f)) > 0;)
        str_put(out, buf, got);
    bool good = !ferror(f);
    fclose(f);
    return good ? true : err_set(e, ERR_INVALID_REQUEST, "%s can't be read", path);
}

static char *line_read(FILE *in) {
    char *line = NULL;
    size_t cap = 0;
    ssize_t len = getline(&line, &cap, in);
    if (len < 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    char *copy = x_strdup(line);
    explicit_bzero(line, cap);
    free(line);
    return copy;
}

static char *line_ask(FILE *tty, const char *prompt) {
    struct termios before, silent;
    fprintf(stderr, "%s: ", prompt);
    bool echo_off = tcgetattr(fileno(tty), &before) == 0;
    if (echo_off) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fileno(tty), TCSAFLUSH, &silent);
    }
    char *line = line_read(tty);
    if (echo_off)
        tcsetattr(fileno(tty), TCSAFLUSH, &before);
    fputc('\n', stderr);
    return line;
}

static void secret_free(char *s) {
    if (s)
        explicit_bzero(s, strlen(s));
    x_free(s);
}

static char *password_ask(struct err *e) {
    FILE *tty = fopen("/dev/tty", "r+e");
    if (!tty) {
        err_set(e, ERR_MISSING_FIELD, "no terminal to ask for a password on; use --password-stdin");
        return NULL;
    }
    char *one = line_ask(tty, "Password"), *two = line_ask(tty, "Once more");
    fclose(tty);
    bool same = one && two && str_eq(one, two);
    secret_free(two);
    if (same)
        return one;
    secret_free(one);
    err_set(e, ERR_INVALID_FIELD, "the two passwords differ");
    return NULL;
}

char *cli_password(bool from_stdin, struct err *e) {
    char *password = from_stdin ? line_read(stdin) : password_ask(e);
    if (!password && from_stdin)
        err_set(e, ERR_MISSING_FIELD, "stdin holds no password");
    if (password && strlen(password) < 8) {
        secret_free(password);
        err_set(e, ERR_INVALID_FIELD, "a password has 8 characters or more");
        return NULL;
    }
    return password;
}
