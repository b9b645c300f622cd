#!/usr/bin/env bash
# From a fresh checkout to Milvus collections filled from a Kafka topic, in one command: sets up, builds, starts a test
# broker, fills a topic with updates and deletions among its messages, and loads it: as a whole, by a range of offsets,
# and by way of a dump. Each time it begins anew.
set -euo pipefail

# shellcheck source=../common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../common.sh"
kafka=$samples/kafka
state=$kafka/state

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

set_up "$kafka/requirements.txt" kcat

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
for collection in packages packages_from_dump; do rows "$uri" "$collection" >"$state/$collection.rows"; done
cmp "$state/packages.rows" "$state/packages_from_dump.rows" || die "the dump made other rows than the topic"

say "Done: the last value of every key is in the collection, $all of them, and the dump makes the same rows"
