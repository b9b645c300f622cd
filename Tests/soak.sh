#!/usr/bin/env bash
# Usage: Tests/soak.sh [MINUTES] [SEED] [OPTION...]
#
# Runs random jobs under random faults for some minutes (10) and compares every row with a model. Builds the program
# first. The options are those of soak/soak.py; --rounds 1 with a seed that failed repeats its round.
set -euo pipefail

tests=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
checkout=$(dirname -- "$tests")
minutes=10
[[ ${1:-} == [0-9]* ]] && { minutes=$1; shift; }
seed=()
[[ ${1:-} == [0-9]* ]] && { seed=(--seed "$1"); shift; }

"$checkout/samples/setup.sh" "$tests/servers/requirements.txt" "$checkout/samples/kafka/requirements.txt" \
  curl iproute2 mount procps util-linux zstd
swift build --package-path "$checkout" -c release --product milvus-backfill
export MILVUS_BACKFILL_BINARY=${MILVUS_BACKFILL_BINARY:-$checkout/.build/release/milvus-backfill}
exec "$tests/servers/in-private-network.sh" \
  "$checkout/.venv/bin/python" "$tests/soak/soak.py" --minutes "$minutes" ${seed[@]+"${seed[@]}"} "$@"
