#!/bin/bash
# peers.sh - the sidecar beside ws, socket.io, Fastify with pg, and nchan, under one load, in one run
# (make bench-peers). Installs what it measures, from peers/package-lock.json and Debian. Prints TAP.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
if [ ! -e /usr/lib/nginx/modules/ngx_nchan_module.so ]; then
    if [ "$(id -u)" = 0 ]; then apt-get install -y -q libnginx-mod-nchan >/dev/null
    else sudo apt-get install -y -q libnginx-mod-nchan >/dev/null; fi || echo "# nchan could not be installed"
fi
npm ci --prefix tests/bench/peers --no-audit --no-fund --silent || { echo "not ok - the peers are installed"; exit 1; }
. tests/bench/lib/up.sh
bench_up peers
PEER_PORT=$(free_ports 1)
export PEER_PORT
if figures=$(node tests/bench/peers.mjs); then echo "ok - the peers were measured"; else echo "not ok - the peers were measured"; fi
sed 's/^/# /' <<<"$figures"
