#!/usr/bin/env bash
# Usage: decode.sh [--rows N] [--dim D] [--repeats R]
#
# Rows per second of reading and decoding alone (milvus-backfill run --dry-run), pinned to one core,
# beside simdjson and orjson on the same lines on the same core.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
enter_private_network "$@"

rows=40000 dim=768 repeats=5
while [[ $# -gt 0 ]]; do
    case $1 in
    --rows | --dim | --repeats) [[ $# -ge 2 ]] && declare "${1#--}=$2" && shift 2 && continue ;;
    esac
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 64
done

require_program
prepare
dump "dump-$dim-$rows.jsonl.zst" --rows "$rows" --dim "$dim"
plain=${dump%.zst}
[[ -f $plain ]] || { zstd -dqf "$dump" -o "$plain.partial" && mv "$plain.partial" "$plain"; }
cat "$plain" >/dev/null

# Clang is preferred because its code for this program was a fifth faster than that of GCC.
compiler=${CXX:-$(command -v clang++ || command -v g++)}
"$compiler" -std=c++17 -O3 -march=native "$here/simdjson_floats.cpp" -lsimdjson -o "$scratch/simdjson_floats" ||
    fail "could not build simdjson_floats.cpp, which needs Debian's libsimdjson-dev"

# A dry run still asks the server for the schema of the collection. The server has the other core.
start_server lite 0
collection create --dim "$dim"
settle

client=(taskset --cpu-list 1)
results=$scratch/results.jsonl
for ((repeat = 1; repeat <= repeats; repeat++)); do
    echo "repeat $repeat of $repeats" >&2
    for input in "$dump" "$plain"; do
        case $input in
        *.zst) label="milvus-backfill, zstd" ;;
        *) label="milvus-backfill, plain" ;;
        esac
        write_job "$(dump_source "$input")"
        measured "$scratch/result.json" --report "$scratch/report.json" --label "who=$label" -- \
            "$program" run "$scratch/job.yaml" --dry-run --report-json "$scratch/report.json" || fail "$label failed"
        cat "$scratch/result.json" >>"$results"
    done
    measured "$scratch/result.json" --label "who=simdjson alone" -- "$scratch/simdjson_floats" "$plain" 1
    cat "$scratch/result.json" >>"$results"
    measured "$scratch/result.json" --label "who=orjson and numpy" -- \
        "$python" "$here/orjson_floats.py" --repeats 1 "$plain"
    cat "$scratch/result.json" >>"$results"
done

"$python" - "$results" "$rows" "$(stat --format=%s "$plain")" <<'TABLE'
import json
import statistics
import sys

path, rows, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rates: dict[str, list[float]] = {}
for line in open(path):
    run = json.loads(line)
    # The report's own count of seconds, since simdjson and orjson do not count their start either.
    rates.setdefault(run["who"], []).append(rows / run["report"]["seconds"])
alone = rates["simdjson alone"]
print("| decoder, one core | rows/s | MB/s of JSON | min-max rows/s | of simdjson |")
print("|---|--:|--:|--:|--:|")
for who, values in rates.items():
    median = statistics.median(values)
    ratio = statistics.median(value / other for value, other in zip(values, alone))
    print(f"| {who} | {median:.0f} | {median * size / rows / 1e6:.0f} | {min(values):.0f}-{max(values):.0f} | {ratio:.2f} |")
TABLE
