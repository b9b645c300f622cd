#!/usr/bin/env bash
# Usage: memory.sh [--server lite|full] [--sizes "100MB 500MB 2GB"] [--dim D]
#
# Peak memory of milvus-backfill, dry and real, for growing inputs. Sizes are of the decompressed lines.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
enter_private_network "$@"

server=full sizes="100MB 500MB 2GB" dim=768
while [[ $# -gt 0 ]]; do
    case $1 in
    --server | --sizes | --dim) [[ $# -ge 2 ]] && declare "${1#--}=$2" && shift 2 && continue ;;
    esac
    sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
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
for size in $sizes; do
    dump "dump-$dim-$size.jsonl.zst" --bytes "$size" --dim "$dim"
    for mode in dry real; do
        echo "$size, $mode run" >&2
        collection create --dim "$dim" --index FLAT
        settle
        write_job "$(dump_source "$dump")"
        options=()
        [[ $mode == real ]] || options=(--dry-run)
        measured "$scratch/result.json" --report "$scratch/report.json" --label "mode=$mode" --label "size=$size" -- \
            "$program" run "$scratch/job.yaml" "${options[@]}" --report-json "$scratch/report.json" ||
            fail "the $mode run of $size failed"
        cat "$scratch/result.json" >>"$results"
        collection drop
    done
done
stop_server

"$python" - "$results" "$server" <<'TABLE'
import json
import sys

path, server = sys.argv[1:]
runs = [json.loads(line) for line in open(path)]
sizes = list(dict.fromkeys(run["size"] for run in runs))
print("| run | " + " | ".join(f"peak RSS MB at {size}" for size in sizes) + " | last / first |")
print("|---|" + "--:|" * (len(sizes) + 1))
for mode in ("dry", "real"):
    peaks = [run["peakRSSBytes"] / 1e6 for run in runs if run["mode"] == mode]
    name = "dry run" if mode == "dry" else f"into the {server} server"
    print(f"| {name} | " + " | ".join(f"{peak:.0f}" for peak in peaks) + f" | {peaks[-1] / peaks[0]:.2f} |")
TABLE
