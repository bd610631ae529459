#!/bin/bash
# build.sh [DIR [configure options...]] - configures once and builds, out of tree, default in build/.
# MAKE_TARGETS: what to make (all).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=${1:-$root/build}
[ $# -gt 0 ] && shift
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
log=$dir/build.log

run() { "$@" >"$log" 2>&1 || { grep -E 'error|Error' "$log" | head -20 >&2; tail -15 "$log" >&2
                               echo "the build failed; the log is $log" >&2; exit 1; }; }
cd "$root"
if [ ! -e configure ] || [ configure -ot configure.ac ] || [ Makefile.in -ot Makefile.am ]; then
    run autoreconf -i
fi
cd "$dir"
if [ ! -e Makefile ] || [ "$root/configure" -nt config.status ]; then
    run "$root/configure" --prefix=/usr --sysconfdir=/etc --localstatedir=/var "$@"
fi
for target in ${MAKE_TARGETS:-all}; do run make -j"$(nproc)" "$target"; done
run make pages
