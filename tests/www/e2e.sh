#!/bin/bash
# e2e.sh [PART/PARTS | NAME...] - the pages in a real browser, on a whole house of their own: all of tests/www/e2e, every
# PARTS-th file of it beginning with the PART-th (./check runs two parts side by side), or those named. Prints TAP.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
files=(tests/www/e2e/*.test.mjs) house=pages
case ${1:-} in
[0-9]*/[0-9]*) part=${1%/*} parts=${1#*/} house=pages-$part mine=()
    for ((i = part - 1; i < ${#files[@]}; i += parts)); do mine+=("${files[i]}"); done
    files=("${mine[@]}") ;;
?*) files=("${@/#/tests/www/e2e/}") files=("${files[@]/%/.test.mjs}") ;;
esac
. tests/lib/house.sh
MAITRED_PG_SETTINGS="fsync = off" house_up "$house"
status=0
for file in "${files[@]}"; do
    began=$SECONDS
    node --test --test-reporter="$root/tests/lib/tap.mjs" "$file" || status=1
    echo "# $(basename "$file" .test.mjs): $((SECONDS - began)) s"
done
house_down
exit $status
