#!/bin/bash
# run.sh [TARGET...] - fuzzes the parsers of the wire with libFuzzer (clang), address and undefined-behaviour
# sanitizers on; SECONDS_EACH for each target (10). Prints TAP.
#
# A target is TARGET.c with its seeds in TARGET.seeds: one a line, in the notation of printf's %b. What a run
# finds new is kept in build/fuzz/TARGET and used by the next; what breaks a target lies in build/fuzz as
# TARGET-crash-*, and becomes a seed when it is mended.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
build=${MAITRED_BUILD:-$root/build}
work=$build/fuzz
seconds=${SECONDS_EACH:-10}
status=0

# target and what it is linked with, besides shared/base
targets() {
    cat <<'TABLE'
eio_payload realtime/link/engineio_payload.c realtime/link/utf8.c
sio_packet realtime/proto/socketio_packet.c
sio_session realtime/proto/socketio.c realtime/proto/socketio_packet.c realtime/core/frame.c
TABLE
}

compile() { # TARGET SOURCE...
    local target=$1; shift
    clang -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
        -I"$build" -Ishared -Irealtime "tests/fuzz/$target.c" "$@" shared/base/*.c \
        -o "$work/$target.bin" $(pkg-config --cflags --libs json-c) -lm >"$work/$target.log" 2>&1
}

seed() { # TARGET : its seeds as files
    local n=0 line
    rm -rf "$work/$1.seeds" && mkdir -p "$work/$1.seeds" "$work/$1"
    while IFS= read -r line; do
        printf '%b' "$line" >"$work/$1.seeds/$((n++))"
    done <"tests/fuzz/$1.seeds"
}

run() { # TARGET SOURCE...
    local target=$1
    seed "$target"
    compile "$@" || { echo "not ok - $target does not build"; sed 's/^/# /' "$work/$target.log"; return 1; }
    "$work/$target.bin" -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=1024 \
        -print_final_stats=1 -artifact_prefix="$work/$target-" "$work/$target" "$work/$target.seeds" \
        >"$work/$target.log" 2>&1 ||
        { echo "not ok - $target"; tail -40 "$work/$target.log" | sed 's/^/# /'; return 1; }
    echo "ok - $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log") inputs in $seconds s," \
        "$(ls "$work/$target" | wc -l) kept"
}

mkdir -p "$work"
while read -r target sources; do
    case " $* " in "  " | *" $target "*) run "$target" $sources || status=1 ;; esac
done < <(targets)
exit $status
