#!/usr/bin/env bash
# Fuzzes the parsers with libFuzzer, guided by coverage, under the address sanitizer. Ends non-zero when an input breaks
# a promise; the input's path is then in the table.
#
# usage: Tests/fuzz.sh [SECONDS [TARGET...]]     SECONDS for each target, 60 by default; all targets by default
#
# What one run finds of interest the next one begins with (.build-fuzz/corpus). An input alone:
#        .build-fuzz/build/release/Fuzzing TARGET FILE
set -euo pipefail

tests=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
checkout=$(dirname -- "$tests")
work=$checkout/.build-fuzz
seconds=${1:-60}
if [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 64
fi
shift $(($# ? 1 : 0))
(($#)) || set -- record message dump checkpoint job

MILVUS_BACKFILL_FUZZING=1 swift build --package-path "$checkout" --scratch-path "$work/build" -c release \
  --product Fuzzing >&2
program=$work/build/release/Fuzzing

TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf -- "$TMPDIR"' EXIT
# Swift's own report of a crash would take longer than the run. Objects that a run leaves behind are Swift's caches.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0

# Seeds that are no text: made here, so that none has to be kept. The byte in front of each says that a file follows.
make_seeds() {
  local seeds=$1 text
  for text in "$tests"/Fuzzing/Corpus/{record,message,dump}/*; do
    { printf 0; zstd -qc --check "$text"; } >"$seeds/$(basename "$text").zst"
  done
  text=$tests/Fuzzing/Corpus/dump/plain
  { printf 0; zstd -qc --no-check "$text"; } >"$seeds/unchecked.zst"
  { printf 0; zstd -qc --no-check "$text"; zstd -qc "$text"; } >"$seeds/two-frames.zst"
  # A skippable frame between two others.
  { printf 0; zstd -qc "$text"; printf '\x5e\x2a\x4d\x18\x03\0\0\0abc'; zstd -qc --no-check "$text"; } >"$seeds/skipped.zst"
}

failed=0
printf '%-12s %12s %10s %8s %9s  %s\n' target executions coverage corpus crashes inputs
for target; do
  corpus=$work/corpus/$target
  crashes=$work/crashes/$target
  mkdir -p "$corpus" "$crashes"
  seeds=$TMPDIR/seeds-$target
  mkdir "$seeds"
  [[ $target != dump ]] || make_seeds "$seeds"
  log=$work/$target.log
  before=$(find "$crashes" -type f | sort)
  # A frame of zstd may ask for a window of 2 GiB, which the program grants, and which the sanitizer counts as taken.
  status=0
  "$program" "$target" -max_total_time="$seconds" -max_len=4096 -timeout=60 -rss_limit_mb=4096 -malloc_limit_mb=3072 \
    -print_final_stats=1 -artifact_prefix="$crashes/" "$corpus" "$tests/Fuzzing/Corpus/$target" "$seeds" \
    >"$log" 2>&1 </dev/null || status=$?
  found=$(comm -13 <(printf '%s\n' "$before") <(find "$crashes" -type f | sort) | sed '/^$/d')
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
  # The latest line of progress: "#N  NEW  cov: 1 ft: 2 corp: 3/4b ...".
  read -r coverage size < <(sed -n 's/.*cov: \([0-9]*\) .*corp: \([0-9]*\)\/.*/\1 \2/p' "$log" | tail -n 1) || true
  count=$(grep -c . <<<"$found" || true)
  printf '%-12s %12s %10s %8s %9s  %s\n' \
    "$target" "${executions:--}" "${coverage:--}" "${size:--}" "$count" "$(tr '\n' ' ' <<<"$found")"
  if ((status)); then
    failed=1
    echo "$target ended with code $status; its words are in $log:" >&2
    grep -aE 'broken promise|Fatal error|ERROR: |SUMMARY' "$log" >&2 || tail -n 20 "$log" >&2
  fi
done
exit "$failed"
