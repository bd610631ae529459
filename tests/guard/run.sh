#!/bin/bash
# run.sh [--write] - counts the instructions of the hot paths (realtime.c, rest.c) with callgrind and holds
# each against tests/guard/baseline: more than 5 % above it is a step back. Prints TAP. --write: writes the
# baseline anew instead (make guard-baseline), to be looked at and committed with what it is for.
#
# What is counted is the program's own, its libraries included, without the kernel. The processor's
# special instructions are left out (of libc, of libcrypto), so that the figures are those of any machine
# with the same Debian and compiler.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
build=${MAITRED_BUILD:-$root/build}
baseline=${BASELINE:-tests/guard/baseline}
most=5 # per cent
make -s -C "$build" test-programs >/dev/null 2>&1 || { echo "not ok - the guard does not build"; exit 1; }
work=$(mktemp -d /tmp/maitred-guard.XXXXXX)
trap 'rm -rf "$work"' EXIT

features=AVX512F,AVX512VL,AVX512BW,AVX2,AVX,BMI1,BMI2,LZCNT,MOVBE,POPCNT,ERMS,FSRM,RTM,SSE4_1,SSE4_2,SSSE3,XSAVE,XSAVEC
tunables=glibc.cpu.hwcaps=-${features//,/,-}
tunables+=:glibc.cpu.x86_non_temporal_threshold=0xc0000:glibc.cpu.x86_rep_movsb_threshold=0x100000
tunables+=:glibc.malloc.mxfast=0:glibc.malloc.trim_threshold=0x40000000 # when a heap is tidied is chance

count() { # PROGRAM : its paths as "instructions a message<tab>name"
    local file name messages
    (cd / && env -i PATH="$PATH" GLIBC_TUNABLES="$tunables" OPENSSL_ia32cap=0:0 TZ=UTC LC_ALL=C \
        setarch -R valgrind --tool=callgrind --collect-atstart=no --callgrind-out-file="$work/$1" \
        "$build/tests/guard/$1" >"$work/$1.out" 2>"$work/$1.log") ||
        { sed 's/^/# /' "$work/$1.log" "$work/$1.out" >&2; return 1; }
    for file in $(printf '%s\n' "$work/$1".[0-9]* | sort -V); do
        name=$(sed -n 's/^desc: Trigger: Client Request: //p' "$file")
        messages=$(sed -n "s/^path $name \([0-9]*\)\$/\1/p" "$work/$1.out")
        awk -v n="$messages" -v name="$name" '/^(summary|totals): / { printf "%.0f\t%s\n", $2 / n, name; exit }' "$file"
    done
}

# Twice, and the lower counts: what a busy machine puts between two turns is none of ours.
for program in realtime rest realtime rest; do
    count $program >>"$work/all" || { echo "not ok - the paths of $program ran"; exit 1; }
    rm -f "$work/$program".[0-9]*
done
awk -F'\t' -v OFS='\t' '!($2 in least) { order[++n] = $2; least[$2] = $1 }
    $1 < least[$2] { least[$2] = $1 }
    END { for (i = 1; i <= n; i++) print least[order[i]], order[i] }' "$work/all" >"$work/now"
if [ "${1:-}" = --write ]; then
    cp "$work/now" "$baseline"
    cat "$baseline"
    exit 0
fi
awk -F'\t' -v most=$most '
    NR == FNR { was[$2] = $1; next }
    { seen[$2] = 1 }
    !($2 in was) { printf "not ok - %s: %d instructions, and no baseline\n", $2, $1; bad = 1; next }
    { change = ($1 / was[$2] - 1) * 100
      word = change > most ? "not ok" : "ok"
      if (change > most) bad = 1
      printf "%s - %s: %d instructions, %+.1f %% of the baseline\n", word, $2, $1, change
      if (change < -most) printf "# %s has become cheaper: make guard-baseline keeps it so\n", $2 }
    END { for (name in was) if (!(name in seen)) { printf "not ok - %s: was not counted\n", name; bad = 1 }
          exit bad }' "$baseline" "$work/now"
