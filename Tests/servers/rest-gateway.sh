#!/usr/bin/env bash
# Usage: rest-gateway.sh PORT MILVUS_URI [OPTION...]
#
# Runs a gateway in the foreground that speaks the REST API of Milvus on 127.0.0.1:PORT and forwards
# every call to the Milvus at MILVUS_URI. It is ready when the port accepts connections, whether Milvus
# runs or not. The process that was started becomes the gateway, so signals reach it directly.
# The options are those of rest_gateway.py; --help lists them.
# The virtual environment is $VENV, by default .venv at the top of the checkout.
set -euo pipefail

if [[ $# -lt 2 && ${1:-} != --help ]]; then
    echo "usage: ${0##*/} PORT MILVUS_URI [OPTION...]" >&2
    exit 64
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
venv=${VENV:-$top/.venv}

if [[ ! -x $venv/bin/python ]]; then
    echo "there is no virtual environment at $venv" >&2
    exit 69
fi

exec "$venv/bin/python" "$here/rest_gateway.py" "$@"
