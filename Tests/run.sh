#!/usr/bin/env bash
# Sets up, builds, starts real servers and passes all tests.
#
# usage: Tests/run.sh                     everything
#        Tests/run.sh --filter NAME ...   some tests; the arguments go to `swift test`
#        Tests/run.sh --unit              the tests that need no servers
#        Tests/run.sh --secured           the tests that need a server with authorization and TLS
#        Tests/run.sh --faults            a short round of the soak for every fault
set -euo pipefail

tests=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
checkout=$(dirname -- "$tests")
private=$tests/servers/in-private-network.sh
# Tests/sanitize.sh builds otherwise, in a folder of its own. One argument of `swift build` a line.
build=${MILVUS_BACKFILL_BUILD:-$checkout/.build}
mapfile -t build_arguments < <(printf '%s' "${MILVUS_BACKFILL_BUILD_ARGUMENTS:-}")

run_tests() { swift test --package-path "$checkout" --scratch-path "$build" -c release --skip-build "$@"; }
run_unit_tests() { run_tests --skip IntegrationTests --skip StoreConformanceTests; }

if [[ -z ${MILVUS_BACKFILL_TEST_PHASE:-} ]]; then
  "$checkout/samples/setup.sh" "$tests/servers/requirements.txt" "$checkout/samples/kafka/requirements.txt" \
    curl iproute2 kcat man-db mount openssl procps util-linux zstd
  "$tests/servers/pushgateway.sh" --fetch
  command -v swift >/dev/null || { echo "swift is not on PATH; see https://www.swift.org/install for Swift 6." >&2; exit 1; }
  # One build for the program and the tests, with optimisation: what is tested is what is shipped.
  swift build --package-path "$checkout" --scratch-path "$build" -c release --build-tests \
    ${build_arguments[@]+"${build_arguments[@]}"}
  if [[ ${1:-} == --unit ]]; then
    run_unit_tests
    exit
  fi
  export MILVUS_BACKFILL_TEST_PHASE=open
  if [[ ${1:-} == --secured || ${1:-} == --faults ]]; then
    MILVUS_BACKFILL_TEST_PHASE=${1#--} exec "$private" "$tests/run.sh"
  elif (($#)); then
    exec "$private" "$tests/run.sh" "$@"
  fi
  "$private" "$tests/run.sh"
  # Its ports are fixed, so a second full server needs a network of its own.
  MILVUS_BACKFILL_TEST_PHASE=faults "$private" "$tests/run.sh"
  MILVUS_BACKFILL_TEST_PHASE=secured exec "$private" "$tests/run.sh"
fi

work=$(mktemp -d)
servers=()
stop_servers() {
  local server
  for server in ${servers[@]+"${servers[@]}"}; do
    kill -KILL "$server" 2>/dev/null || true
    # Waited for here, so that the shell does not report the end as news.
    wait "$server" 2>/dev/null || true
  done
  rm -rf -- "$work"
}
trap stop_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start NAME PORT PATH SECONDS COMMAND...: a server in the background that answers when this returns.
start() {
  local name=$1 port=$2 path=$3 seconds=$4
  shift 4
  "$@" >"$work/$name.log" 2>&1 &
  servers+=($!)
  "$tests/servers/wait-for-port.sh" --pid $! "$port" "$seconds" ${path:+"$path"} ||
    { tail -n 20 "$work/$name.log" >&2; exit 1; }
}

export PATH="$checkout/.venv/bin:$PATH"
export MILVUS_PYTHON=$checkout/.venv/bin/python
export MILVUS_BACKFILL_BINARY=$build/release/milvus-backfill
cd "$checkout"

if [[ $MILVUS_BACKFILL_TEST_PHASE == open ]]; then
  export MILVUS_FULL_URI=http://127.0.0.1:19530 MILVUS_LITE_URI=http://127.0.0.1:29530
  export MILVUS_FULL_REST_URI=http://127.0.0.1:28081 MILVUS_LITE_REST_URI=http://127.0.0.1:28080
  export KAFKA_BOOTSTRAP=127.0.0.1:19092
  start full 9091 /healthz 600 "$tests/servers/milvus-full.sh" "$work/full"
  start lite 29530 "" 300 "$tests/servers/milvus-lite.sh" "$work/lite" 29530
  # Neither server speaks version 2 of the RESTful API: a gateway of the tests does, in front of each.
  start full-rest 28081 "" 300 "$tests/servers/rest-gateway.sh" 28081 "$MILVUS_FULL_URI"
  start lite-rest 28080 "" 300 "$tests/servers/rest-gateway.sh" 28080 "$MILVUS_LITE_URI"
  start kafka 19092 "" 300 "$tests/servers/kafka.sh" "$work/kafka" 19092
  if ((!$#)); then
    # Apart from one another, and those with servers one at a time: tests that keep all processors busy would delay the
    # signals that others send in time.
    run_unit_tests
    set -- --no-parallel --filter StoreConformanceTests --filter IntegrationTests --skip SecuredServerTests
  fi
  run_tests "$@"
elif [[ $MILVUS_BACKFILL_TEST_PHASE == faults ]]; then
  "$MILVUS_PYTHON" "$tests/soak/soak.py" --each
else
  export MILVUS_SECURED_URI=https://localhost:19530 MILVUS_SECURED_CERTIFICATES=$work/certificates
  "$tests/servers/certificates.sh" "$work/certificates"
  start secured 9091 /healthz 600 "$tests/servers/milvus-full.sh" "$work/secured" \
    common.security.authorizationEnabled=true common.security.tlsMode=2 \
    "tls.serverPemPath=$work/certificates/server.pem" "tls.serverKeyPath=$work/certificates/server.key" \
    "tls.caPemPath=$work/certificates/ca.pem" \
    quotaAndLimits.dml.enabled=true quotaAndLimits.dml.upsertRate.max=0.2
  run_tests --filter SecuredServerTests
fi
