/* accounts.c - maitred-accounts: logging in and out, renewing a token, who one is. */
#include "config.h"

#include "login.h"
#include "programs.h"

const struct route accounts_routes[] = {
    {"POST", "/api/auth/login", "login_start", login_open},
    {"POST", "/api/auth/refresh", "session_user", login_refresh},
    {"POST", "/api/auth/logout", "logout", login_close},
    {"GET", "/api/user/profile", "user_profile", NULL},
    {NULL, NULL, NULL, NULL},
};
