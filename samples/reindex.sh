#!/usr/bin/env bash
# Re-indexing without a pause, in one command: a collection that is filled from a topic serves searches through an alias.
# Another one is made like it with another index and filled from the same topic, compared with it row by row, and put in
# its place by moving the alias; then the alias is moved back, and forth again. Each time it begins anew.
set -euo pipefail

# shellcheck source=common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
reindex=$samples/reindex
state=$reindex/state

# oracle COMMAND ARGUMENT...: asks Milvus through its own Python client.
oracle() { python "$tests/IntegrationTests/oracle.py" "$MILVUS_URI" "$@" 2>"$state/oracle.log"; }

# search COLLECTION: searches through the alias, which has to stand for that collection, complete.
search() {
  [[ $(oracle alias packages) == "$1" ]] || die "the alias does not stand for $1"
  python "$samples/quickstart/search.py" "$MILVUS_URI" packages postgresql --expect "$records"
  oracle describe "$1" | python -c '
import json, sys
index = json.load(sys.stdin)["indexes"][0]
print(f"\nserved by {sys.argv[1]}, index", index["index_type"])' "$1"
}

set_up "$samples/kafka/requirements.txt" kcat

say "Starting a broker and a Milvus Lite, and filling the topic packages"
rm -rf -- "$state"
mkdir -- "$state"
echo '*' >"$state/.gitignore"
port=$(free_port)
start broker "$port" "$tests/servers/kafka.sh" "$state/broker"
export KAFKA_BOOTSTRAP=127.0.0.1:$port
python "$tests/IntegrationTests/topics.py" "$KAFKA_BOOTSTRAP" create packages 4
zstd -dc "$samples/quickstart/debian-packages.jsonl.zst" | python "$samples/kafka/produce.py" "$KAFKA_BOOTSTRAP" packages
port=$(free_port)
start milvus "$port" "$tests/servers/milvus-lite.sh" "$state/milvus"
export MILVUS_URI=http://127.0.0.1:$port

say "The collection as it is: milvus-backfill run samples/reindex/first.yaml, and finish"
"$binary" run "$reindex/first.yaml"
"$binary" finish "$reindex/first.yaml"
records=$(oracle count packages_flat)
search packages_flat

say "The new one, like it but for the index: milvus-backfill run samples/reindex/job.yaml"
"$binary" plan "$reindex/job.yaml"
"$binary" run "$reindex/job.yaml"

say "Comparing the rows of both, though finish compares the new one with the topic, too"
for collection in packages_flat packages_hnsw; do rows "$MILVUS_URI" "$collection" >"$state/$collection.rows"; done
cmp "$state/packages_flat.rows" "$state/packages_hnsw.rows" || die "the new collection has other rows than the old one"
search packages_flat

say "Switching: milvus-backfill finish samples/reindex/job.yaml --verify-full"
"$binary" finish "$reindex/job.yaml" --verify-full
search packages_hnsw

say "And back: milvus-backfill finish samples/reindex/job.yaml --rollback"
"$binary" finish "$reindex/job.yaml" --rollback
search packages_flat

say "And forth again; nothing was dropped on the way"
"$binary" finish "$reindex/job.yaml"
search packages_hnsw

say "Done: packages stands for packages_hnsw, which has the schema and all $records rows of packages_flat, and an HNSW index"
