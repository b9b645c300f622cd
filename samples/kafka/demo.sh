#!/usr/bin/env bash
# From a fresh checkout to Milvus collections filled from a Kafka topic, in one command: sets up, builds, starts a test
# broker, fills a topic with updates and deletions among its messages, and loads it: as a whole, by a range of offsets,
# and by way of a dump. Each time it begins anew.
set -euo pipefail

kafka=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
samples=$(dirname -- "$kafka")
checkout=$(dirname -- "$samples")
tests=$checkout/Tests
state=$kafka/state
processes=()

say() { printf '\n== %s\n' "$*"; }
die() { printf 'demo: %s\n' "$*" >&2; exit 1; }

stop_servers() {
  local process tries
  for process in ${processes[@]+"${processes[@]}"}; do
    # SIGINT lets both servers write what they hold and leave in order.
    kill -INT "$process" 2>/dev/null || true
    for ((tries = 0; tries < 150; tries++)); do
      kill -0 "$process" 2>/dev/null || break
      sleep 0.2
    done
    kill -KILL "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
}
trap stop_servers EXIT
# A signal turns into an ordinary exit, so that the trap above runs.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() { python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start NAME PORT SCRIPT FOLDER: a server in the background that answers when this returns.
start() {
  # A background process of a script ignores SIGINT unless told otherwise. In a session of its own it also sees no
  # Ctrl-C of the terminal beside the one signal from stop_servers.
  setsid env --default-signal=INT "$3" "$4" "$2" >"$state/$1.log" 2>&1 </dev/null &
  processes+=($!)
  "$tests/servers/wait-for-port.sh" --pid $! "$2" 60 || die "$1 did not start; see $state/$1.log"
}

# messages ARGUMENT...: messages of the topic as JSON lines, read by kcat, which has no part in what is shown here.
messages() { kcat -q -b "$KAFKA_BOOTSTRAP" -C -t packages -J "$@"; }

# How many keys have a value in their last message.
last_values() {
  python -c '
import json, sys
last = {}
for message in map(json.loads, sys.stdin):
    last[message["key"]] = message["payload"]
print(sum(value is not None for value in last.values()))'
}

say "Setting up"
"$samples/setup.sh" "$kafka/requirements.txt" kcat
export PATH="$checkout/.venv/bin:$PATH"
command -v swift >/dev/null || die "swift is not on PATH; see https://www.swift.org/install for Swift 6."

say "Building milvus-backfill (some minutes the first time)"
swift build --package-path "$checkout" -c release --product milvus-backfill
binary=$(swift build --package-path "$checkout" -c release --show-bin-path)/milvus-backfill

say "Starting a broker and filling the topic packages"
rm -rf -- "$state"
mkdir -- "$state"
echo '*' >"$state/.gitignore"
port=$(free_port)
start broker "$port" "$tests/servers/kafka.sh" "$state/broker"
# The job file takes it from the environment.
export KAFKA_BOOTSTRAP=127.0.0.1:$port
python "$tests/IntegrationTests/topics.py" "$KAFKA_BOOTSTRAP" create packages 4
zstd -dc "$samples/quickstart/debian-packages.jsonl.zst" | python "$kafka/produce.py" "$KAFKA_BOOTSTRAP" packages

say "Planning: milvus-backfill plan samples/kafka/job.yaml"
"$binary" plan "$kafka/job.yaml"

say "Loading the topic: milvus-backfill run samples/kafka/job.yaml"
"$binary" run "$kafka/job.yaml"

say "The same command again: nothing is left to do"
"$binary" run "$kafka/job.yaml"

say "Loading offsets 100 to 199 of partition 0 into another collection"
"$binary" run "$kafka/job.yaml" --range 'packages:0@100..200' \
  --set target.milvus.collection=packages_slice --set run.checkpoint="$state/slice.checkpoint.json"

say "Dumping the topic: milvus-backfill dump samples/kafka/job.yaml --output samples/kafka/state/dump"
"$binary" dump "$kafka/job.yaml" --output "$state/dump"

say "Loading the dump into a third collection: milvus-backfill run samples/kafka/from-dump.yaml"
"$binary" run "$kafka/from-dump.yaml"

say "Asking Milvus itself, through its own Python client"
lines=$(zstd -dc "$state"/dump/*.jsonl.zst | wc -l)
expected=$(messages -o beginning -e | wc -l)
((lines == expected)) || die "the topic has $expected messages, the dump $lines"
all=$(messages -o beginning -e | last_values)
slice=$(messages -p 0 -o 100 -c 100 | last_values)
port=$(free_port)
start milvus "$port" "$tests/servers/milvus-lite.sh" "$state/packages.db"
uri=http://127.0.0.1:$port
python "$samples/quickstart/search.py" "$uri" packages_slice --expect "$slice"
python "$samples/quickstart/search.py" "$uri" packages_from_dump --expect "$all"
python "$samples/quickstart/search.py" "$uri" packages postgresql gnuchess mutt --expect "$all"
for collection in packages packages_from_dump; do
  python "$tests/IntegrationTests/oracle.py" "$uri" rows "$collection" 2>"$state/rows.log" |
    sort >"$state/$collection.rows" || die "the rows of $collection cannot be read; see $state/rows.log"
done
cmp "$state/packages.rows" "$state/packages_from_dump.rows" || die "the dump made other rows than the topic"

say "Done: the last value of every key is in the collection, $all of them, and the dump makes the same rows"
