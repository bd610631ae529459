#!/bin/bash
# web.sh - runs one web server for one maitred, in the foreground, until SIGTERM.
#
#   MAITRED_WEB=nginx MAITRED_WWW=... MAITRED_RUN=... MAITRED_PORT=8080 MAITRED_RT_PORT=8081 web.sh
#
# MAITRED_WEB: lighttpd (the default), nginx, apache, or apache-cgi (the programs as plain CGI, for which
# MAITRED_CGI_BIN and MAITRED_CONFIG are needed). Called by stack.sh and tests/rest/lib/stack.mjs. Listens
# on 127.0.0.1 only and writes nowhere but in MAITRED_RUN.
set -eu
: "${MAITRED_WWW:?}" "${MAITRED_RUN:?}" "${MAITRED_PORT:?}" "${MAITRED_RT_PORT:?}"
MAITRED_DEPLOY=$(cd "$(dirname "$0")/.." && pwd)
export MAITRED_DEPLOY MAITRED_ERRORS=$MAITRED_DEPLOY/errors PATH="$PATH:/usr/sbin:/sbin"

# Started by root, a server becomes www-data but keeps root's right to open files: pages, sockets and
# logs are root's here.
as_web() {
    [ "$(id -u)" != 0 ] || set -- setpriv --reuid=www-data --regid=www-data --clear-groups \
        --inh-caps=+dac_override --ambient-caps=+dac_override "$@"
    exec "$@"
}
case ${MAITRED_WEB:-lighttpd} in
lighttpd) exec lighttpd -D -f "$MAITRED_DEPLOY/lighttpd/lighttpd.conf" ;;
nginx)
    sed -e "s|@RUN@|$MAITRED_RUN|g" -e "s|@DEPLOY@|$MAITRED_DEPLOY|g" -e "s|@WWW@|$MAITRED_WWW|g" \
        -e "s|@PORT@|$MAITRED_PORT|g" -e "s|@RT_PORT@|$MAITRED_RT_PORT|g" \
        "$MAITRED_DEPLOY/nginx/nginx.conf.in" >"$MAITRED_RUN/nginx.conf"
    as_web nginx -c "$MAITRED_RUN/nginx.conf" ;;
apache) as_web apache2 -DFOREGROUND -f "$MAITRED_DEPLOY/apache/apache2.conf" ;;
apache-cgi)
    : "${MAITRED_CGI_BIN:?}" "${MAITRED_CONFIG:?}"
    as_web apache2 -DFOREGROUND -DMAITRED_CGI -f "$MAITRED_DEPLOY/apache/apache2.conf" ;;
*)
    echo "MAITRED_WEB=$MAITRED_WEB: lighttpd, nginx, apache and apache-cgi are known" >&2
    exit 2 ;;
esac
