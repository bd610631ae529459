#!/bin/bash
# web.sh - runs one web server for one maitred, in the foreground, until SIGTERM.
#
#   MAITRED_WEB=nginx MAITRED_WWW=... MAITRED_RUN=... MAITRED_PORT=8080 MAITRED_RT_PORT=8081 web.sh
#
# MAITRED_WEB: lighttpd (the default), nginx, apache, or apache-cgi (the programs as plain CGI, for which
# MAITRED_CGI_BIN and MAITRED_CONFIG are needed). With MAITRED_RT_MORE="8082 8083" there are two or three
# sidecars, whose sidecar_route is a, b and c: the sample maitred-sidecars.conf with their ports. Called by stack.sh and
# tests/rest/lib/stack.mjs. Listens on 127.0.0.1 only and writes nowhere but in MAITRED_RUN.
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
# The sample for three sidecars with the ports of these, where there are more than one; of two, without c.
web=${MAITRED_WEB:-lighttpd} sidecars=
read -r port_b port_c <<<"${MAITRED_RT_MORE:-}"
if [ -n "$port_b" ]; then
    sidecars=$MAITRED_RUN/maitred-sidecars.conf
    without=() && [ -n "$port_c" ] || without=(-e '/sid=.*c(/,/}/d' -e '/8083/d')
    sed "${without[@]}" -e "s|8081|$MAITRED_RT_PORT|g" -e "s|8082|$port_b|g" -e "s|8083|$port_c|g" \
        "$MAITRED_DEPLOY/${web%-cgi}/maitred-sidecars.conf" >"$sidecars"
fi

run_lighttpd() {
    local conf=$MAITRED_DEPLOY/lighttpd/lighttpd.conf
    if [ -n "$sidecars" ]; then
        sed "s|^include .*|include \"$MAITRED_DEPLOY/lighttpd/maitred.conf\"\ninclude \"$sidecars\"|" \
            "$conf" >"$MAITRED_RUN/lighttpd.conf"
        conf=$MAITRED_RUN/lighttpd.conf
    fi
    exec lighttpd -D -f "$conf"
}
run_nginx() {
    local several=()
    [ -z "$sidecars" ] || several=(-e "s|include .*/maitred-http.conf;|&\n    include $sidecars;|"
        -e 's|set $maitred_rt .*|set $maitred_rt $maitred_sidecar;|')
    sed "${several[@]}" -e "s|@RUN@|$MAITRED_RUN|g" -e "s|@DEPLOY@|$MAITRED_DEPLOY|g" -e "s|@WWW@|$MAITRED_WWW|g" \
        -e "s|@PORT@|$MAITRED_PORT|g" -e "s|@RT_PORT@|$MAITRED_RT_PORT|g" \
        "$MAITRED_DEPLOY/nginx/nginx.conf.in" >"$MAITRED_RUN/nginx.conf"
    as_web nginx -c "$MAITRED_RUN/nginx.conf"
}
run_apache() { # run_apache OPTION...
    as_web apache2 -DFOREGROUND "$@" ${sidecars:+-DMAITRED_SIDECARS} -f "$MAITRED_DEPLOY/apache/apache2.conf"
}
case $web in
lighttpd) run_lighttpd ;;
nginx) run_nginx ;;
apache) run_apache ;;
apache-cgi)
    : "${MAITRED_CGI_BIN:?}" "${MAITRED_CONFIG:?}"
    run_apache -DMAITRED_CGI ;;
*)
    echo "MAITRED_WEB=$web: lighttpd, nginx, apache and apache-cgi are known" >&2
    exit 2 ;;
esac
