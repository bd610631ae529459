/* ops_accounts.c - logging in and out, tickets, guests, keys, and accounts (SPEC section 2).
 *
 * The two halves of a login are called by the accounts program around the password check, which
 * is C's: the hash leaves the database only to be compared, and never for a client. What is secret
 * (a password, a key, a ticket) goes in as its hash, made by the handlers in rest/.
 */
#include <config.h>

#include "data/ops.h"

#include <limits.h>

#define ROLES    "admin|manager|waiter|kitchen|frontdesk|viewer"
#define ACCOUNTS (AREA_BIT(AREA_ACCOUNTS) | AREA_BIT(AREA_VENUE))
#define ADDRESS                                                                                    \
    {                                                                                              \
        .name = "address", .type = ARG_TEXT, .place = IN_BODY, .required = true, .min = 1,         \
        .max = 64, .help = "where the attempt comes from"                                          \
    }
#define JTI                                                                                        \
    {                                                                                              \
        .name = "jti", .type = ARG_TEXT, .place = IN_BODY, .required = true, .min = 1, .max = 47,  \
        .help = "the token's id"                                                                   \
    }
#define IAT                                                                                        \
    {                                                                                              \
        .name = "iat", .type = ARG_INT, .place = IN_BODY, .required = true, .max = LONG_MAX,       \
        .help = "when it was made, Unix seconds"                                                   \
    }
#define EXP                                                                                        \
    {                                                                                              \
        .name = "exp", .type = ARG_INT, .place = IN_BODY, .required = true, .max = LONG_MAX,       \
        .help = "when it ends by itself, Unix seconds"                                             \
    }
#define HASH(of)                                                                                   \
    {                                                                                              \
        .name = "hash", .type = ARG_TEXT, .place = IN_BODY, .required = true, .min = 64,           \
        .max = 64, .help = of                                                                      \
    }
#define ACCOUNT_ID                                                                                 \
    { .name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .help = "the account" }
#define DISPLAY_NAME                                                                               \
    {                                                                                              \
        .name = "displayName", .type = ARG_TEXT, .place = IN_BODY, .min = 1, .max = 100,           \
        .help = "the name that people read; else the user name"                                    \
    }
#define EMAIL                                                                                      \
    {                                                                                              \
        .name = "email", .type = ARG_TEXT, .place = IN_BODY, .max = 254,                           \
        .help = "e-mail address; empty: none"                                                      \
    }
#define ROLE(must)                                                                                 \
    {                                                                                              \
        .name = "role", .type = ARG_ENUM, .place = IN_BODY, .required = must, .choices = ROLES,    \
        .help = "what it may do"                                                                   \
    }
/* Of any UTF-8: crypt takes 511 bytes. The function is given its hash instead (rest/people.c). */
#define PASSWORD(what)                                                                             \
    { .name = "password", .type = ARG_TEXT, .place = IN_BODY, .min = 8, .max = 120, .help = what }

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
static const struct arg key_args[] = {HASH("hex SHA-256 of the key"), {0}};
static const struct arg check_args[] = {JTI, IAT, {0}};
static const struct arg logout_args[] = {JTI, EXP, {0}};
static const struct arg ticket_args[] = {HASH("hex SHA-256 of the ticket"),
                                         JTI,
                                         IAT,
                                         EXP,
                                         {.name = "key",
                                          .type = ARG_TEXT,
                                          .place = IN_BODY,
                                          .max = 16,
                                          .help = "which key the token was verified with"},
                                         {0}};
static const struct arg redeem_args[] = {HASH("hex SHA-256 of the ticket"), {0}};
static const struct arg guest_args[] = {
    {.name = "session_id",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "the table session, while it is open"},
    {.name = "order_id", .type = ARG_ID, .place = IN_BODY, .help = "or the order"},
    JTI,
    EXP,
    {0},
};
static const struct arg keys_args[] = {
    {.name = "account",
     .type = ARG_ID,
     .place = IN_QUERY,
     .help = "whose keys, for administrators; else one's own"},
    {0},
};
static const struct arg key_create_args[] = {
    {.name = "label", .type = ARG_TEXT, .place = IN_BODY, .max = 100, .help = "what it is for"},
    {.name = "account", .type = ARG_ID, .place = IN_BODY, .help = "whose it is; else one's own"},
    HASH("hex SHA-256 of the key"),
    {0},
};
static const struct arg key_id_args[] = {
    {.name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .help = "the key"},
    {0},
};
static const struct arg account_list_args[] = {
    {.name = "role",
     .type = ARG_ENUMS,
     .place = IN_QUERY,
     .choices = ROLES,
     .help = "only these roles, separated by commas"},
    {.name = "active", .type = ARG_BOOL, .place = IN_QUERY, .help = "only active ones, or others"},
    {.name = "search",
     .type = ARG_TEXT,
     .place = IN_QUERY,
     .min = 1,
     .max = 100,
     .help = "part of user name, display name or e-mail address"},
    ARG_PAGE,
    ARG_LIMIT,
    {0},
};
static const struct arg account_id_args[] = {ACCOUNT_ID, {0}};
static const struct arg account_create_args[] = {
    {.name = "username",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 64,
     .help = "what one logs in with"},
    DISPLAY_NAME,
    EMAIL,
    ROLE(true),
    PASSWORD("its password; without one only API keys open it"),
    {0},
};
static const struct arg account_update_args[] = {
    ACCOUNT_ID,
    DISPLAY_NAME,
    EMAIL,
    ROLE(false),
    PASSWORD("its new password"),
    {.name = "active", .type = ARG_BOOL, .place = IN_BODY, .help = "whether it may log in"},
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
    {.name = "session_account",
     .function = "session_account",
     .summary = "The account that a token of an outside provider names, as it is now",
     .cap = CAP_ANYONE,
     .status = 200,
     .args = check_args},
    {.name = "ticket_create",
     .function = "ticket_create",
     .summary = "Make a ticket: it stands for the token in a socket's URL, once, for 30 seconds",
     .cap = CAP_ANYONE,
     .write = true,
     .status = 200,
     .args = ticket_args,
     .answer = "Ticket"},
    {.name = "ticket_redeem",
     .function = "ticket_redeem",
     .summary = "Whom a ticket speaks for; it is gone afterwards",
     .cap = CAP_PUBLIC,
     .write = true,
     .status = 200,
     .args = redeem_args},
    {.name = "guest_token_create",
     .function = "guest_token_create",
     .summary = "Make a guest's token for a table session or an order",
     .cap = CAP_GUEST_TOKENS,
     .write = true,
     .status = 200,
     .args = guest_args,
     .answer = "GuestToken"},
    {.name = "api_key_list",
     .function = "api_key_list",
     .summary = "API keys of an account, the newest first",
     .cap = CAP_API_KEYS,
     .status = 200,
     .areas = AREA_BIT(AREA_ACCOUNTS),
     .varies = BY_ACCOUNT,
     .clock_s = 60,
     .args = keys_args,
     .answer = "ApiKeyList"},
    {.name = "api_key_create",
     .function = "api_key_create",
     .summary = "Make an API key; it is shown this once",
     .cap = CAP_API_KEYS,
     .write = true,
     .status = 201,
     .areas = AREA_BIT(AREA_ACCOUNTS),
     .args = key_create_args,
     .answer = "NewApiKey"},
    {.name = "api_key_revoke",
     .function = "api_key_revoke",
     .summary = "Revoke an API key, and every token of its account",
     .cap = CAP_API_KEYS,
     .write = true,
     .status = 204,
     .areas = AREA_BIT(AREA_ACCOUNTS),
     .args = key_id_args},
    {.name = "account_list",
     .function = "account_list",
     .summary = "The venue's accounts, by user name",
     .cap = CAP_ACCOUNTS,
     .paged = true,
     .status = 200,
     .areas = ACCOUNTS,
     .clock_s = 60,
     .args = account_list_args,
     .answer = "AccountList"},
    {.name = "account_get",
     .function = "account_get",
     .summary = "One account",
     .cap = CAP_ACCOUNTS,
     .status = 200,
     .areas = AREA_BIT(AREA_ACCOUNTS),
     .clock_s = 60,
     .args = account_id_args,
     .answer = "Account"},
    {.name = "account_create",
     .function = "account_create",
     .summary = "Add an account",
     .cap = CAP_ACCOUNTS,
     .write = true,
     .status = 201,
     .areas = AREA_BIT(AREA_ACCOUNTS),
     .args = account_create_args,
     .answer = "Account"},
    {.name = "account_update",
     .function = "account_update",
     .summary = "Change an account; a new role, password or active ends its tokens at once",
     .cap = CAP_ACCOUNTS,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_ACCOUNTS),
     .args = account_update_args,
     .answer = "Account"},
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
