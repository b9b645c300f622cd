# shellcheck shell=bash
#
# What throughput.sh and backfill-kafka.sh share: three clients load the same rows into a fresh collection in turn, for
# each server, dimension and pinning. To be sourced, after common.sh, by a script that defines
#   start_source CPU    makes the rows of $dump available, with what has to run for that on this core (empty: on any),
#                       and sets job_source (YAML of a job's `source`) and python_loader (a command without its target)
#   stop_source

loading_options='[--server lite|full|both] [--dims "128 768"] [--rows "N N"] [--repeats R]
        [--pinned|--unpinned|--both]'

loading_usage() {
    echo "usage: ${0##*/} $loading_options" >&2
    exit 64
}

# read_loading_options SERVER REPEATS ARGUMENTS...: the first two are defaults.
read_loading_options() {
    server=$1 repeats=$2 dims="128 768" rows="" pinnings="pinned unpinned"
    shift 2
    while [[ $# -gt 0 ]]; do
        case $1 in
        --server | --dims | --rows | --repeats)
            [[ $# -ge 2 ]] || loading_usage
            declare -g "${1#--}=$2"
            shift
            ;;
        --pinned) pinnings=pinned ;;
        --unpinned) pinnings=unpinned ;;
        --both) pinnings="pinned unpinned" ;;
        *) loading_usage ;;
        esac
        shift
    done
    case $server in
    both) kinds="lite full" ;;
    lite | full) kinds=$server ;;
    *) loading_usage ;;
    esac
    [[ $repeats =~ ^[1-9][0-9]*$ ]] || loading_usage
}

# Enough for five seconds or more on a machine with two cores.
default_rows() {
    case $1 in
    lite) echo $((20000000 / ($2 + 16))) ;;
    full) echo $((90000000 / ($2 + 16))) ;;
    esac
}

# load_once WHO LABELS...: one timed run into a fresh collection.
load_once() {
    local who=$1 command=() options=()
    shift
    case $who in
    ceiling)
        command=("$python" "$here/ceiling.py" --dump "$dump" --address "$address" --collection bench --in-flight 4)
        ;;
    python) command=("$python" "${python_loader[@]}" --uri "$uri" --collection bench --threads 4) ;;
    ours)
        write_job "$job_source"
        options=(--report "$scratch/report.json")
        command=("$program" run "$scratch/job.yaml" --report-json "$scratch/report.json")
        ;;
    esac
    collection create --dim "$dim" --index "$index"
    settle
    [[ -z $broker_pid ]] || options+=(--server "$broker_pid")
    measured "$scratch/result.json" "${options[@]}" --server "$server_pid" --label "who=$who" "$@" -- "${command[@]}" ||
        fail "$who failed"
    collection check --server "$kind" --rows "$count" || fail "$who lost or doubled rows"
    cat "$scratch/result.json" >>"$results"
    collection drop
}

# load_all: all runs, and their tables.
load_all() {
    local counts position pinning server_cpu repeat who missing=0
    results=$work/$(basename "$0" .sh)-$(date -u +%Y%m%dT%H%M%SZ).jsonl
    : >"$results"
    if [[ ! -x $program ]]; then
        echo "$program is missing: its rows will say so" >&2
        missing=1
    fi
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
                start_source "$server_cpu"
                start_server "$kind" "$server_cpu"
                for ((repeat = 1; repeat <= repeats; repeat++)); do
                    echo "$kind, $dim dimensions, $count rows, $pinning, repeat $repeat of $repeats" >&2
                    for who in ceiling ours python; do
                        [[ $who != ours || $missing -eq 0 ]] || continue
                        load_once "$who" --label "server=$kind" --label "dim=$dim" --label "pinning=$pinning" \
                            --label "repeat=$repeat"
                    done
                done
                stop_server
                stop_source
            done
        done
    done

    "$python" "$here/summary.py" "$results"
    echo "single runs: ${results#"$top"/}" >&2
    exit "$missing"
}
