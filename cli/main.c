/* main.c - maitred, the command-line tool: finds the subcommand's row and runs it.
 *
 * Owns the one struct cli of the process. A new subcommand is a file with a struct command, and a
 * line in the table here.
 */
#include "config.h"

#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_init,           &command_migrate,         &command_venue_create,
    &command_venue_list,     &command_venue_deactivate, &command_venue_activate,
    &command_venue_set,      &command_user_add,        &command_user_list,
    &command_user_set,       &command_key_create,      &command_key_list,
    &command_key_revoke,     &command_token,           &command_maintain,
    &command_import_bookings, &command_import_orders,  &command_import_menu,
    &command_demo,           &command_simulate,
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void usage(FILE *out, const char *group) {
    fprintf(out, "usage: maitred [--help|--version] COMMAND [OPTION]... [OPERAND]...\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        if (!group || str_starts(commands[i]->name, group))
            fprintf(out, "  %-18s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\nmaitred COMMAND --help tells the options of a command; see also maitred(1).\n");
}

/* How many words of argv the command's name takes up; 0: not this one. */
static int words_matching(const char *name, int argc, char **argv) {
    const char *second = strchr(name, ' ');
    size_t first = second ? (size_t)(second - name) : strlen(name);
    if (argc < 1 || strlen(argv[0]) != first || memcmp(argv[0], name, first) != 0)
        return 0;
    if (!second)
        return 1;
    return argc > 1 && strcmp(argv[1], second + 1) == 0 ? 2 : 0;
}

static const struct command *command_find(int argc, char **argv, int *words) {
    for (size_t i = 0; i < COMMANDS; i++)
        if ((*words = words_matching(commands[i]->name, argc, argv)) > 0)
            return commands[i];
    return NULL;
}

static bool group_exists(const char *word) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (str_starts(commands[i]->name, word) && commands[i]->name[strlen(word)] == ' ')
            return true;
    return false;
}

static int command_unknown(int argc, char **argv) {
    if (argc < 1) {
        usage(stderr, NULL);
        return 2;
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 ||
        strcmp(argv[0], "help") == 0) {
        usage(stdout, NULL);
        return 0;
    }
    if (strcmp(argv[0], "--version") == 0) {
        printf("maitred %s\n", PACKAGE_VERSION);
        return 0;
    }
    if (group_exists(argv[0])) {
        bool help = argc > 1 && strcmp(argv[1], "--help") == 0;
        usage(help ? stdout : stderr, argv[0]);
        return help ? 0 : 2;
    }
    fprintf(stderr, "maitred: there is no command '%s'; maitred --help lists them\n", argv[0]);
    return 2;
}

static void complain(const struct err *e) {
    fprintf(stderr, "maitred: %s\n", *e->detail ? e->detail : e->slug);
    int shown = e->nfields < ERR_FIELDS_MAX ? e->nfields : ERR_FIELDS_MAX;
    for (int i = 0; i < shown; i++)
        fprintf(stderr, "maitred: %s: %s\n", e->fields[i].field, e->fields[i].detail);
}

int main(int argc, char **argv) {
    int words = 0;
    const struct command *command = command_find(argc - 1, argv + 1, &words);
    if (!command)
        return command_unknown(argc - 1, argv + 1);

    struct cli c = {.command = command};
    char **operands;
    int n;
    log_init("maitred", LOG_WARN);
    enum cli_parsed parsed = cli_parse(&c, argc - words, argv + words, &operands, &n);
    if (parsed != CLI_RUN)
        return parsed == CLI_HELPED ? 0 : 2;

    struct err e;
    err_clear(&e);
    bool done = command->run(&c, operands, n, &e);
    cli_close(&c);
    if (!done)
        complain(&e);
    return done ? 0 : 1;
}
