#!/usr/bin/env bash
# Usage: milvus-lite.sh DATA_DIR PORT
#
# Runs Milvus Lite in the foreground on 127.0.0.1:PORT. The process that was started becomes
# the server, so signals reach it directly. SIGINT flushes and ends it; SIGTERM ends it at once.
# The virtual environment is $VENV, by default .venv at the top of the checkout.
set -euo pipefail

if [[ $# -ne 2 ]]; then
    echo "usage: ${0##*/} DATA_DIR PORT" >&2
    exit 64
fi
data=$1
port=$2
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=${VENV:-$top/.venv}

if [[ ! -x $venv/bin/milvus-lite ]]; then
    echo "milvus-lite is not installed in $venv" >&2
    exit 69
fi

# A second server on a taken port starts without an error and gets half of the connections.
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "port $port is already in use" >&2
    exit 69
fi

mkdir -p "$data"
# More than one worker corrupts the log of Milvus Lite 3.2.2 when there are concurrent writers:
# acknowledged rows are gone after a restart.
exec "$venv/bin/milvus-lite" server --data-dir "$data" --host 127.0.0.1 --port "$port" --max-workers 1
