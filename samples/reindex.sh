#!/usr/bin/env bash
# Re-indexing, in one command: the collection of the quick start is made again under another name, with the same schema
# and another index, and filled from the dump. Then both are compared row by row and searched. Run it twice and nothing
# is loaded twice.
set -euo pipefail

# shellcheck source=common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
reindex=$samples/reindex
state=$reindex/state

set_up
mkdir -p -- "$state"

say "The collection as it is: milvus-backfill run samples/reindex/first.yaml"
"$binary" run "$reindex/first.yaml"

say "The new one, like it but for the index: milvus-backfill run samples/reindex/job.yaml"
"$binary" plan "$reindex/job.yaml"
"$binary" run "$reindex/job.yaml"

say "Asking Milvus itself, through its own Python client"
records=$(zstd -dc "$samples/quickstart/debian-packages.jsonl.zst" | wc -l)
port=$(free_port)
start search-server "$port" "$tests/servers/milvus-lite.sh" "$state/packages.db"
uri=http://127.0.0.1:$port
for collection in packages packages_hnsw; do
  rows "$uri" "$collection" >"$state/$collection.rows"
  python "$tests/IntegrationTests/oracle.py" "$uri" describe "$collection" 2>/dev/null |
    python -c 'import json, sys; print(sys.argv[1], json.load(sys.stdin)["indexes"])' "$collection"
done
cmp "$state/packages.rows" "$state/packages_hnsw.rows" || die "the new collection has other rows than the old one"
python "$samples/quickstart/search.py" "$uri" packages_hnsw postgresql --expect "$records"
stop_servers

say "Done: packages_hnsw has the schema and all $records rows of packages, and an HNSW index in place of FLAT"
