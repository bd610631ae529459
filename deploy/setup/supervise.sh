#!/bin/bash
# supervise.sh RUN_DIR NAME SIGNAL COMMAND... - keeps one service running until told to stop.
#
# Writes RUN_DIR/NAME.supervisor and NAME.pid; restarts the command when it ends, at once at first, then
# with a delay that doubles up to 2 s while it keeps ending within 10 s. SIGTERM: passes SIGNAL on,
# waits for the end, removes both files.
# A sidecar that ends because another one took over (SIGUSR2) is not started again: its successor, which is no
# child of ours, is kept in its place.
set -u
run=$1 name=$2 signal=$3
shift 3
stopping= pid= delay=0
pass_on() { kill -s "$signal" "$pid" 2>/dev/null; }
trap 'stopping=1; [ -n "$pid" ] && pass_on' TERM INT
stat_of() { # stat_of PID : the third field of proc(5) and those after it are in $stat
    read -r stat <"/proc/$1/stat" && stat=${stat##*) }
} 2>/dev/null
lives() { stat_of "$1" && [ "${stat%% *}" != Z ]; }
session_of() { stat_of "$1" && set -- $stat && echo "$4"; }
session=$(session_of $$)
# Whoever was started, from here, to take over from that one: its environment tells.
successor_of() {
    local file one
    for file in $(grep -lsz "^SIDECAR_PREDECESSOR=$1\$" /proc/[0-9]*/environ); do
        one=${file#/proc/} one=${one%/environ}
        if [ "$(session_of "$one")" = "$session" ]; then echo "$one"; return; fi
    done
}
# At once: whoever reads it finds the old one or the new one.
pid_write() { echo "$1" >"$run/$name.pid.new" && mv "$run/$name.pid.new" "$run/$name.pid"; }
# Waits for the end of the service that has started as `pid`, and of all who take over from it.
service_wait() {
    local next
    pid_write "$pid"
    while kill -0 "$pid" 2>/dev/null; do wait "$pid"; status=$?; done
    while next=$(successor_of "$pid"); [ -n "$next" ]; do
        pid=$next status=
        pid_write "$pid"
        [ -n "$stopping" ] && pass_on
        while lives "$pid"; do sleep 0.5 & wait $!; done
    done
    pid=
}
echo $$ >"$run/$name.supervisor"
while [ -z "$stopping" ]; do
    started=$SECONDS
    "$@" </dev/null &
    pid=$!
    service_wait
    [ -n "$stopping" ] && break
    echo "ts=$(date -u +%FT%T.%3NZ) level=warn msg=restarting service=$name status=${status:-?} after_s=$((SECONDS - started))"
    if [ $((SECONDS - started)) -ge 10 ]; then delay=0; fi
    if [ "$delay" != 0 ]; then sleep "$delay" & wait $!; fi
    case $delay in 0) delay=0.25 ;; 0.25) delay=0.5 ;; 0.5) delay=1 ;; *) delay=2 ;; esac
done
rm -f "$run/$name.pid" "$run/$name.supervisor"
