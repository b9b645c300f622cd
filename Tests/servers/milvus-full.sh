#!/usr/bin/env bash
# Usage: in-private-network.sh milvus-full.sh DATA_DIR [KEY=VALUE...]
#
# Runs the full Milvus 2.3.5 server in the foreground on port 19530; it is ready when
# http://127.0.0.1:9091/healthz answers. The process that was started becomes the server, so
# signals reach it directly. On SIGTERM it ends within about 3 s, with status 2 or 134 even when
# all is well. KEY=VALUE sets dotted keys of milvus.yaml, such as quotaAndLimits.dml.enabled=true.
# The virtual environment is $VENV, by default .venv at the top of the checkout.
set -euo pipefail

if [[ $# -lt 1 ]]; then
    echo "usage: ${0##*/} DATA_DIR [KEY=VALUE...]" >&2
    exit 64
fi
mkdir -p "$1"
data=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
venv=${VENV:-$top/.venv}
cache=$top/.build-servers
binaries=$cache/milvus-2.3.5

others=$(ip -oneline link show up | grep --invert-match --extended-regexp '^[0-9]+: lo:' || true)
if [[ -n $others ]]; then
    echo "this server listens on every interface: start it with Tests/servers/in-private-network.sh" >&2
    exit 69
fi
# Its etcd always takes port 2380, and fails with a crash when that is in use.
if (exec 3<>/dev/tcp/127.0.0.1/2380) 2>/dev/null; then
    echo "another full server runs in this network namespace" >&2
    exit 69
fi

mkdir -p "$cache"
echo '*' >"$cache/.gitignore"

# Without gracefulStopTimeout a server that has a loaded collection takes half an hour to stop.
"$venv/bin/python" "$here/full_milvus_config.py" --binaries "$binaries" --data "$data" \
    common.gracefulStopTimeout=2 "$@"

cd "$data"
export DEPLOY_MODE=STANDALONE METRICS_PORT=9091 MILVUS_RUN_DIR=$data/run LD_LIBRARY_PATH=$binaries
exec "$binaries/milvus" run standalone
