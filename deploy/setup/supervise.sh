#!/bin/bash
# supervise.sh RUN_DIR NAME SIGNAL COMMAND... - keeps one service running until told to stop.
#
# Writes RUN_DIR/NAME.supervisor and NAME.pid; restarts the command when it ends, at once at first, then
# with a delay that doubles up to 2 s while it keeps ending within 10 s. SIGTERM: passes SIGNAL on,
# waits for the end, removes both files.
set -u
run=$1 name=$2 signal=$3
shift 3
stopping= child= delay=0
trap 'stopping=1; [ -n "$child" ] && kill -s "$signal" "$child" 2>/dev/null' TERM INT
echo $$ >"$run/$name.supervisor"
while [ -z "$stopping" ]; do
    started=$SECONDS
    "$@" </dev/null &
    child=$!
    echo "$child" >"$run/$name.pid"
    while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
    child=
    [ -n "$stopping" ] && break
    echo "ts=$(date -u +%FT%T.%3NZ) level=warn msg=restarting service=$name status=${status:-?} after_s=$((SECONDS - started))"
    if [ $((SECONDS - started)) -ge 10 ]; then delay=0; fi
    if [ "$delay" != 0 ]; then sleep "$delay" & wait $!; fi
    case $delay in 0) delay=0.25 ;; 0.25) delay=0.5 ;; 0.5) delay=1 ;; *) delay=2 ;; esac
done
rm -f "$run/$name.pid" "$run/$name.supervisor"
