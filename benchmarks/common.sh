# shellcheck shell=bash
#
# Shared by the scripts of this folder; to be sourced.
#
# Sets: top, here, venv, python, program, work (cache and results), scratch (removed at exit).

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/.." && pwd)
venv=${VENV:-$top/.venv}
python=$venv/bin/python
program=${PROGRAM:-$top/.build/release/milvus-backfill}
work=$top/.build-bench
servers=$top/Tests/servers
server_pid=
# How to pin the measured command to a core; empty for no pinning.
client=()
export PYTHONDONTWRITEBYTECODE=1

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# The scripts run themselves again in a network of their own, because the full server listens on
# every interface, and so that no other server can hold the ports.
enter_private_network() {
    if [[ -z ${BENCHMARK_NETWORK:-} ]]; then
        BENCHMARK_NETWORK=private exec "$servers/in-private-network.sh" "$0" "$@"
    fi
}

prepare() {
    "$python" -c 'import orjson, zstandard, numpy, pymilvus' ||
        fail "$venv lacks what benchmarks/requirements.txt lists"
    mkdir -p "$work"
    echo '*' >"$work/.gitignore"
    scratch=$(mktemp -d "$work/scratch.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

clean_up() {
    local job
    for job in $(jobs -p); do
        [[ $job == "$server_pid" ]] || kill "$job" 2>/dev/null || true
    done
    stop_server
    rm -rf "$scratch"
}

# start_server lite|full [CPU]: sets uri and address.
start_server() {
    local kind=$1 pin=()
    if [[ -n ${2:-} ]]; then
        pin=(taskset --cpu-list "$2")
    fi
    address=127.0.0.1:19530
    uri=http://$address
    rm -rf "$scratch/server"
    local log=$scratch/server.log
    case $kind in
    lite)
        "${pin[@]}" "$servers/milvus-lite.sh" "$scratch/server" 19530 >"$log" 2>&1 &
        server_pid=$!
        "$servers/wait-for-port.sh" --pid "$server_pid" 19530 60
        ;;
    full)
        "${pin[@]}" "$servers/milvus-full.sh" "$scratch/server" >"$log" 2>&1 &
        server_pid=$!
        "$servers/wait-for-port.sh" --pid "$server_pid" 9091 120 /healthz
        ;;
    *) fail "unknown server $kind" ;;
    esac || {
        tail -n 20 "$log" >&2
        fail "the $kind server did not start"
    }
}

stop_server() {
    [[ -n $server_pid ]] || return 0
    kill -TERM "$server_pid" 2>/dev/null || true
    local waited
    for ((waited = 0; waited < 100; waited++)); do
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$server_pid" 2>/dev/null || true
    wait "$server_pid" || true
    server_pid=
    rm -rf "$scratch/server"
    # The full server aborts at the end of a clean stop, which bash would report as an error.
} 2>/dev/null

server_ticks() {
    local fields
    read -ra fields <"/proc/$server_pid/stat"
    echo $((fields[13] + fields[14]))
}

# Waits, at most a minute, until the server uses less than a quarter of a core, so that what one run
# left behind (flushes, compaction, dropped data) does not slow the next one.
settle() {
    local before after deadline=$((SECONDS + 60))
    after=$(server_ticks)
    while ((SECONDS < deadline)); do
        before=$after
        sleep 1
        after=$(server_ticks)
        if ((after - before < $(getconf CLK_TCK) / 4)); then
            return
        fi
    done
    echo "the server was still busy after a minute" >&2
}

# dump FILE_NAME ARGUMENTS...: makes the dump unless it is there, and sets dump to its path.
dump() {
    dump=$work/$1
    shift
    if [[ ! -f $dump ]]; then
        echo "making ${dump##*/}" >&2
        "$python" "$here/make_dump.py" --out "$dump" "$@" >&2
    fi
    # The runs compare programs, not the first read of a file.
    cat "$dump" >/dev/null
}

# write_job FILE DUMP CHECKPOINT
write_job() {
    cat >"$1" <<JOB
source: {dump: {paths: ["$2"]}}
target: {milvus: {uri: "$uri", collection: bench}}
run: {checkpoint: "$3", lanes: 4, batch: {rows: 1000, bytes: 16MiB}}
JOB
}

# measured RESULT_FILE ARGUMENTS...: measure.py in the background, so that a signal to the script ends
# the run at once instead of after it.
measured() {
    "${client[@]}" "$python" "$here/measure.py" "${@:2}" >"$1" &
    wait $!
}

require_program() {
    [[ -x $program ]] || fail "$program is missing: build it with swift build -c release"
}

collection() {
    timeout 180 "$python" "$here/collection.py" "$1" --uri "$uri" --name bench "${@:2}"
}
