/* accounts.c - maitred-accounts: logging in and out, tokens of every kind, who one is, accounts. */
#include "config.h"

#include "login.h"
#include "openapi.h"
#include "people.h"
#include "programs.h"
#include "tokens.h"

const struct route accounts_routes[] = {
    {"POST", "/api/auth/login", "login_start", login_open, &login_form},
    {"POST", "/api/auth/refresh", "session_user", login_refresh, &login_refresh_form},
    {"POST", "/api/auth/logout", "logout", login_close, &login_close_form},
    {"POST", "/api/auth/ticket", "ticket_create", token_ticket, &token_ticket_form},
    {"POST", "/api/auth/guest", "guest_token_create", token_guest, &token_guest_form},
    {"GET", "/api/auth/api-keys", "api_key_list", NULL, NULL},
    {"POST", "/api/auth/api-keys", "api_key_create", token_api_key, &token_api_key_form},
    {"DELETE", "/api/auth/api-keys/{id}", "api_key_revoke", NULL, NULL},
    {"GET", "/api/accounts", "account_list", NULL, NULL},
    {"POST", "/api/accounts", "account_create", people_write, NULL},
    {"GET", "/api/accounts/{id}", "account_get", NULL, NULL},
    {"PATCH", "/api/accounts/{id}", "account_update", people_write, NULL},
    {"GET", "/api/user/profile", "user_profile", NULL, NULL},
    {"GET", "/api/openapi.json", NULL, openapi_get, &openapi_form},
    {NULL, NULL, NULL, NULL, NULL},
};
