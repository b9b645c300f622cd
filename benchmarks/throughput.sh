#!/usr/bin/env bash
# Usage: throughput.sh [--server lite|full|both] [--dims "128 768"] [--rows "N N"] [--repeats R]
#                      [--pinned|--unpinned|--both]
#
# Rows per second of milvus-backfill beside the ceiling of the server and a Python loader.
# README.md says what is measured and how to read it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
enter_private_network "$@"

server=both dims="128 768" rows="" repeats=5 pinnings="pinned unpinned"
usage() {
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 64
}
while [[ $# -gt 0 ]]; do
    case $1 in
    --server | --dims | --rows | --repeats)
        [[ $# -ge 2 ]] || usage
        declare "${1#--}=$2"
        shift
        ;;
    --pinned) pinnings=pinned ;;
    --unpinned) pinnings=unpinned ;;
    --both) pinnings="pinned unpinned" ;;
    *) usage ;;
    esac
    shift
done
case $server in
both) kinds="lite full" ;;
lite | full) kinds=$server ;;
*) usage ;;
esac
[[ $repeats =~ ^[1-9][0-9]*$ ]] || usage

# Enough for five seconds or more on a machine with two cores.
default_rows() {
    case $1 in
    lite) echo $((20000000 / ($2 + 16))) ;;
    full) echo $((90000000 / ($2 + 16))) ;;
    esac
}

prepare
results=$work/throughput-$(date -u +%Y%m%dT%H%M%SZ).jsonl
: >"$results"
missing=0
if [[ ! -x $program ]]; then
    echo "$program is missing: its rows will say so" >&2
    missing=1
fi

# run_one WHO LABELS...: one timed run into a fresh collection.
run_one() {
    local who=$1 command=() options=()
    shift
    case $who in
    ceiling)
        command=("$python" "$here/ceiling.py" --dump "$dump" --address "$address" --collection bench --in-flight 4)
        ;;
    python)
        command=("$python" "$here/python_loader.py" --dump "$dump" --uri "$uri" --collection bench --threads 4)
        ;;
    ours)
        rm -f "$scratch"/checkpoint*
        write_job "$scratch/job.yaml" "$dump" "$scratch/checkpoint.json"
        options=(--report "$scratch/report.json")
        command=("$program" run "$scratch/job.yaml" --report-json "$scratch/report.json")
        ;;
    esac
    collection create --dim "$dim" --index "$index"
    settle
    measured "$scratch/result.json" "${options[@]}" --label "who=$who" "$@" -- "${command[@]}" || fail "$who failed"
    collection check --server "$kind" --rows "$count" || fail "$who lost or doubled rows"
    cat "$scratch/result.json" >>"$results"
    collection drop
}

for kind in $kinds; do
    # Milvus Lite builds HNSW in the process that takes the rows, and dropping a collection waits for
    # that: half a minute for 60,000 rows.
    index=HNSW
    [[ $kind == full ]] || index=FLAT
    read -ra counts <<<"$rows"
    position=0
    for dim in $dims; do
        if [[ ${#counts[@]} -gt 0 ]]; then
            # The last number stands for all further dimensions.
            count=${counts[position]:-${counts[-1]}}
        else
            count=$(default_rows "$kind" "$dim")
        fi
        position=$((position + 1))
        dump "dump-$dim-$count.jsonl.zst" --rows "$count" --dim "$dim"
        for pinning in $pinnings; do
            server_cpu="" client=()
            if [[ $pinning == pinned ]]; then
                server_cpu=0 client=(taskset --cpu-list 1)
            fi
            start_server "$kind" "$server_cpu"
            for ((repeat = 1; repeat <= repeats; repeat++)); do
                echo "$kind, $dim dimensions, $count rows, $pinning, repeat $repeat of $repeats" >&2
                for who in ceiling ours python; do
                    [[ $who != ours || $missing -eq 0 ]] || continue
                    run_one "$who" --label "server=$kind" --label "dim=$dim" --label "pinning=$pinning" \
                        --label "repeat=$repeat"
                done
            done
            stop_server
        done
    done
done

"$python" "$here/summary.py" "$results"
echo "single runs: ${results#"$top"/}" >&2
exit "$missing"
