#!/usr/bin/env bash
# Usage: verify.sh [--server lite|full] [--keys "100000 1000000"] [--dim D]
#
# Seconds, keys per second and peak memory of milvus-backfill verify, of a sample and of all keys, for growing numbers of
# keys. Each key has one record in the dump and one row in the collection.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
enter_private_network "$@"

server=full keys="100000 1000000" dim=32
while [[ $# -gt 0 ]]; do
    case $1 in
    --server | --keys | --dim) [[ $# -ge 2 ]] && declare "${1#--}=$2" && shift 2 && continue ;;
    esac
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 64
done
case $server in
lite | full) ;;
*) fail "unknown server $server" ;;
esac

require_program
prepare
start_server "$server"
results=$scratch/results.jsonl
for count in $keys; do
    dump "dump-$dim-$count.jsonl.zst" --rows "$count" --dim "$dim"
    collection create --dim "$dim" --index FLAT
    write_job "$(dump_source "$dump")"
    echo "loading $count keys" >&2
    "$program" run "$scratch/job.yaml" --log-level error >/dev/null || fail "$count keys could not be loaded"
    collection load
    for scope in sample full; do
        echo "$count keys, $scope" >&2
        settle
        options=()
        [[ $scope == sample ]] || options=(--full)
        # shellcheck disable=SC2016
        measured "$scratch/result.json" --report "$scratch/report.json" --label "scope=$scope" --label "keys=$count" -- \
            bash -c 'exec "$0" verify "${@:2}" --json --log-level error >"$1"' "$program" "$scratch/report.json" \
            "$scratch/job.yaml" "${options[@]}" || fail "source and collection of $count keys differ"
        cat "$scratch/result.json" >>"$results"
    done
    collection drop
done
stop_server

"$python" - "$results" <<'TABLE'
import json
import sys

print("| compared | keys | seconds | keys/s | CPU us/key | peak RSS MB |")
print("|---|--:|--:|--:|--:|--:|")
for line in open(sys.argv[1]):
    run = json.loads(line)
    report, keys = run["report"], int(run["keys"])
    print(
        f"| {'all keys' if run['scope'] == 'full' else 'a sample'} | {keys:,} | {report['seconds']:.1f} "
        f"| {keys / report['seconds']:.0f} | {report['cpuSeconds'] * 1e6 / keys:.0f} "
        f"| {report['peakRSSBytes'] / 1e6:.0f} |"
    )
TABLE
