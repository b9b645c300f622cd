#!/usr/bin/env bash
# From a fresh checkout to a filled and searched Milvus collection, in one command: sets up, builds, loads the
# sample dump into an embedded Milvus Lite, and searches what arrived. Run it twice and nothing is loaded twice.
set -euo pipefail

# shellcheck source=common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
quickstart=$samples/quickstart
state=$quickstart/state

set_up

say "Loading the sample: milvus-backfill run samples/quickstart/job.yaml"
"$binary" run "$quickstart/job.yaml"

say "Asking Milvus itself, through its own Python client"
# Counted from the dump, not taken from the loader's report: the check must not trust what it checks.
records=$(zstd -dc "$quickstart/debian-packages.jsonl.zst" | wc -l)
port=$(free_port)
start search-server "$port" "$tests/servers/milvus-lite.sh" "$state/quickstart.db"
python "$quickstart/search.py" "http://127.0.0.1:$port" debian_packages postgresql gnuchess mutt --expect "$records"
stop_servers

say "Done: all $records records of the dump are in the collection"
