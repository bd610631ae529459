# house.sh - a whole house of a suite's own: ./demo's stack in a new folder on free ports.
#
#   . tests/lib/house.sh; house_up NAME      exports MAITRED_*, PG*; sets the folder in $house
#   house_down                               (also at exit)
# Prints the progress as TAP comments.
root=${root:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
# Below those that the kernel gives to connections: a service that was killed finds its port as it left it,
# however many clients are trying to come back just then.
free_ports() { # [N]: that many, two by default
    node -e 'const { createServer } = require("net");
        const open = () => new Promise((ok) => { const s = createServer().on("error", () => ok(open()))
            .listen(10000 + Math.floor(Math.random() * 22000), "127.0.0.1", () => ok(s)); });
        Promise.all(Array.from({ length: process.argv[1] }, open))
            .then((all) => { console.log(...all.map((s) => s.address().port)); all.forEach((s) => s.close()); });' "${1:-2}"
}
house_up() {
    [ -n "${MAITRED_WORK:-}" ] || { MAITRED_WORK=$(mktemp -d /tmp/maitred-house.XXXXXX) && chmod 755 "$MAITRED_WORK"; }
    house=$MAITRED_WORK/$1
    export MAITRED_WORK MAITRED_DIR=$house MAITRED_PORT MAITRED_RT_PORT MAITRED_BUILD=${MAITRED_BUILD:-$root/build}
    read -r MAITRED_PORT MAITRED_RT_PORT < <(free_ports)
    export MAITRED_URL=http://127.0.0.1:$MAITRED_PORT MAITRED_PASSWORD=maitred-demo
    . "$root/deploy/setup/stack.sh"
    export PATH="$PGBIN:$PATH" # psql itself, as in cluster.sh
    places
    trap 'house_down >/dev/null' EXIT
    stack_up | sed 's/^/# /'
    stack_status >/dev/null
}
house_down() { stack_down | sed 's/^/# /'; }
