#!/usr/bin/env bash
# Passes the tests with the program and the tests built for a sanitizer, on the same servers as Tests/run.sh.
# Whatever a sanitizer reports, in the tests or in a program that they start, is printed at the end and fails the run.
#
# usage: Tests/sanitize.sh address|thread                     everything
#        Tests/sanitize.sh address|thread --unit              the tests that need no servers
#        Tests/sanitize.sh address|thread --filter NAME ...   some tests; all arguments go to Tests/run.sh
#
# Further options are taken from ASAN_OPTIONS, LSAN_OPTIONS and TSAN_OPTIONS; with halt_on_error=0 a process goes on
# after its first report.
set -euo pipefail

tests=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
sanitizer=${1:-}
if [[ $sanitizer != address && $sanitizer != thread ]]; then
  echo "usage: ${0##*/} address|thread [ARGUMENT OF run.sh...]" >&2
  exit 64
fi
shift

build=$(dirname -- "$tests")/.build-$sanitizer
reports=$build/reports
rm -rf -- "$reports"
mkdir -p "$reports"

arguments=(--sanitize "$sanitizer")
if [[ $sanitizer == thread ]]; then
  # By another name when its text is another, so that SwiftPM links anew.
  object=$build/thread-$(sha256sum <"$tests/sanitizers/thread.c" | head -c 8).o
  clang -O1 -fPIC -c "$tests/sanitizers/thread.c" -o "$object"
  arguments+=(-Xlinker "$object")
fi
export MILVUS_BACKFILL_BUILD=$build
MILVUS_BACKFILL_BUILD_ARGUMENTS=$(printf '%s\n' "${arguments[@]}")
export MILVUS_BACKFILL_BUILD_ARGUMENTS

# A file for each process that has something to report: tests read the program's standard error, and look at what a
# killed run has left and not at what it said. No program here ends with 99 by itself.
options=exitcode=99:halt_on_error=1:print_suppressions=0:log_path=$reports/report
export ASAN_OPTIONS=$options${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export LSAN_OPTIONS=suppressions=$tests/sanitizers/leaks.txt${LSAN_OPTIONS:+:$LSAN_OPTIONS}
# ThreadSanitizer would let every process wait a second before its end, and tests measure how long some ends take.
export TSAN_OPTIONS=$options:atexit_sleep_ms=0${TSAN_OPTIONS:+:$TSAN_OPTIONS}

status=0
"$tests/run.sh" "$@" || status=$?
for report in "$reports"/*; do
  [[ -e $report ]] || continue
  cat -- "$report" >&2
  status=1
done
exit "$status"
