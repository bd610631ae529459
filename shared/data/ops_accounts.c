/* ops_accounts.c - logging in and out, and who one is (SPEC section 2).
 *
 * The two halves of a login are called by the accounts program around the password check, which
 * is C's: the hash leaves the database only to be compared, and never for a client.
 */
#include <config.h>

#include "data/ops.h"

#include <limits.h>

#define ACCOUNTS (AREA_BIT(AREA_ACCOUNTS) | AREA_BIT(AREA_VENUE))
#define ADDRESS                                                                                    \
    {                                                                                              \
        .name = "address", .type = ARG_TEXT, .place = IN_BODY, .required = true, .min = 1,         \
        .max = 64, .help = "where the attempt comes from"                                          \
    }

static const struct arg no_args[] = {{0}};
static const struct arg login_start_args[] = {
    {.name = "venue",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 64,
     .help = "the venue's slug"},
    {.name = "username",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 64,
     .help = "the account's name"},
    ADDRESS,
    {0},
};
static const struct arg login_done_args[] = {
    {.name = "account", .type = ARG_ID, .place = IN_BODY, .help = "null when there is none such"},
    ADDRESS,
    {.name = "success",
     .type = ARG_BOOL,
     .place = IN_BODY,
     .required = true,
     .help = "whether the password was right"},
    {0},
};
static const struct arg key_args[] = {
    {.name = "hash",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .min = 64,
     .max = 64,
     .help = "hex SHA-256 of the key"},
    {0},
};
static const struct arg check_args[] = {
    {.name = "jti",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 47,
     .help = "the token's id"},
    {.name = "iat",
     .type = ARG_INT,
     .place = IN_BODY,
     .required = true,
     .max = LONG_MAX,
     .help = "when it was made, Unix seconds"},
    {0},
};
static const struct arg logout_args[] = {
    {.name = "jti",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 47,
     .help = "the token's id"},
    {.name = "exp",
     .type = ARG_INT,
     .place = IN_BODY,
     .required = true,
     .max = LONG_MAX,
     .help = "when it ends by itself, Unix seconds"},
    {0},
};

const struct op ops_accounts[] = {
    {.name = "login_start",
     .function = "login_start",
     .summary = "Find the account of a login and count its failures",
     .cap = CAP_PUBLIC,
     .status = 200,
     .args = login_start_args},
    {.name = "login_done",
     .function = "login_done",
     .summary = "Record how a login ended",
     .cap = CAP_PUBLIC,
     .write = true,
     .status = 200,
     .args = login_done_args,
     .answer = "User"},
    {.name = "api_key_session",
     .function = "api_key_session",
     .summary = "Whose API key this is",
     .cap = CAP_PUBLIC,
     .write = true,
     .status = 200,
     .args = key_args},
    {.name = "session_check",
     .function = "session_check",
     .summary = "Is the token neither revoked nor older than its account's last change?",
     .cap = CAP_ANYONE,
     .status = 204,
     .args = check_args},
    {.name = "session_user",
     .function = "session_user",
     .summary = "The account as it is now, for a new token",
     .cap = CAP_ANYONE,
     .status = 200,
     .args = no_args,
     .answer = "User"},
    {.name = "logout",
     .function = "logout",
     .summary = "Revoke a token",
     .cap = CAP_ANYONE,
     .write = true,
     .status = 204,
     .areas = ACCOUNTS,
     .args = logout_args},
    {.name = "user_profile",
     .function = "user_profile",
     .summary = "The account and its venue",
     .cap = CAP_ANYONE,
     .status = 200,
     .areas = ACCOUNTS,
     .args = no_args,
     .answer = "UserProfile"},
    {0},
};
