/* accounts.c - maitred-accounts: logging in and out, renewing a token, who one is. */
#include "config.h"

#include "login.h"
#include "programs.h"

const struct route accounts_routes[] = {
    {"POST", "/api/auth/login", "login_start", login_open, &login_form},
    {"POST", "/api/auth/refresh", "session_user", login_refresh, &login_refresh_form},
    {"POST", "/api/auth/logout", "logout", login_close, &login_close_form},
    {"GET", "/api/user/profile", "user_profile", NULL},
    {NULL, NULL, NULL, NULL},
};
