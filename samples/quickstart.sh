#!/usr/bin/env bash
# From a fresh checkout to a filled and searched Milvus collection, in one command: sets up, builds, loads the
# sample dump into an embedded Milvus Lite, and searches what arrived. Run it twice and nothing is loaded twice.
set -euo pipefail

samples=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
checkout=$(dirname -- "$samples")
quickstart=$samples/quickstart
log=$quickstart/state/search-server.log
server=

say() { printf '\n== %s\n' "$*"; }
die() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

stop_server() {
  [[ -n $server ]] || return 0
  # SIGINT lets Milvus Lite flush and leave in order; SIGTERM would end it at once.
  kill -INT "$server" 2>/dev/null || true
  local tries
  for ((tries = 0; tries < 150; tries++)); do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
  done
  kill -KILL "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
trap stop_server EXIT
# A signal turns into an ordinary exit, so that the trap above runs.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say "Setting up"
"$samples/setup.sh"
export PATH="$checkout/.venv/bin:$PATH"
command -v swift >/dev/null || die "swift is not on PATH; see https://www.swift.org/install for Swift 6."

say "Building milvus-backfill (some minutes the first time)"
swift build --package-path "$checkout" -c release --product milvus-backfill
binary=$(swift build --package-path "$checkout" -c release --show-bin-path)/milvus-backfill

say "Loading the sample: milvus-backfill run samples/quickstart/job.yaml"
"$binary" run "$quickstart/job.yaml"

say "Asking Milvus itself, through its own Python client"
# Counted from the dump, not taken from the loader's report: the check must not trust what it checks.
records=$(zstd -dc "$quickstart/debian-packages.jsonl.zst" | wc -l)
# Milvus Lite would share a port that is in use without a word, so take a free one.
port=$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -p -- "$quickstart/state"
# A background process of a script ignores SIGINT unless told otherwise. In a session of its own it also sees
# no Ctrl-C of the terminal beside the one signal from stop_server.
setsid env --default-signal=INT milvus-lite server --data-dir "$quickstart/state/quickstart.db" \
  --host 127.0.0.1 --port "$port" --max-workers 1 >"$log" 2>&1 </dev/null &
server=$!
for ((tries = 0; ; tries++)); do
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  kill -0 "$server" 2>/dev/null || die "Milvus Lite did not start; its last words: $(tail -n 1 "$log")"
  ((tries < 600)) || die "Milvus Lite did not listen within two minutes; see $log"
  sleep 0.2
done
python "$quickstart/search.py" "http://127.0.0.1:$port" debian_packages postgresql gnuchess mutt --expect "$records"
stop_server

say "Done: all $records records of the dump are in the collection"
