#!/usr/bin/env bash
# Sets up, builds, starts real servers and passes all tests. Arguments go to `swift test`.
#
# usage: Tests/run.sh [--filter NAME ...]
set -euo pipefail

tests=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
checkout=$(dirname -- "$tests")

if [[ -z ${MILVUS_BACKFILL_IN_PRIVATE_NETWORK:-} ]]; then
  "$checkout/samples/setup.sh" "$tests/servers/requirements.txt" iproute2 curl util-linux
  command -v swift >/dev/null || { echo "swift is not on PATH; see https://www.swift.org/install for Swift 6." >&2; exit 1; }
  # One build for the program and the tests, with optimisation: what is tested is what is shipped.
  swift build --package-path "$checkout" -c release --build-tests
  MILVUS_BACKFILL_IN_PRIVATE_NETWORK=1 exec "$tests/servers/in-private-network.sh" "$tests/run.sh" "$@"
fi

work=$(mktemp -d)
servers=()
stop_servers() {
  local server
  for server in ${servers[@]+"${servers[@]}"}; do kill -KILL "$server" 2>/dev/null || true; done
  rm -rf -- "$work"
}
trap stop_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

export PATH="$checkout/.venv/bin:$PATH"
export MILVUS_PYTHON=$checkout/.venv/bin/python
export MILVUS_BACKFILL_BINARY=$checkout/.build/release/milvus-backfill
export MILVUS_FULL_URI=http://127.0.0.1:19530

"$tests/servers/milvus-full.sh" "$work/full" >"$work/full.log" 2>&1 &
servers+=($!)
"$tests/servers/wait-for-port.sh" --pid "${servers[0]}" 9091 120 /healthz || { tail -n 20 "$work/full.log" >&2; exit 1; }
# The full server takes port 19531 for itself.
export MILVUS_LITE_URI=http://127.0.0.1:29530
"$tests/servers/milvus-lite.sh" "$work/lite" 29530 >"$work/lite.log" 2>&1 &
servers+=($!)
"$tests/servers/wait-for-port.sh" --pid "${servers[1]}" 29530 60 || { tail -n 20 "$work/lite.log" >&2; exit 1; }

cd "$checkout"
swift test -c release --skip-build "$@"
