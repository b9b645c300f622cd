#!/usr/bin/env bash
# Usage: wait-for-port.sh [--pid PID] PORT SECONDS [HTTP_PATH]
#
# Waits until 127.0.0.1:PORT accepts connections or, with HTTP_PATH, until a GET of that
# path answers with success. Fails after SECONDS, or as soon as process PID is gone.
#   Milvus Lite:  wait-for-port.sh PORT 30
#   full Milvus:  wait-for-port.sh 9091 60 /healthz
set -euo pipefail

pid=
if [[ ${1:-} == --pid ]]; then
    pid=${2:-}
    shift 2
fi
if [[ $# -lt 2 || $# -gt 3 ]]; then
    echo "usage: ${0##*/} [--pid PID] PORT SECONDS [HTTP_PATH]" >&2
    exit 64
fi
port=$1
seconds=$2
path=${3:-}

answers() {
    if [[ -n $path ]]; then
        curl --silent --fail --noproxy '*' --max-time 2 --output /dev/null "http://127.0.0.1:$port$path"
    else
        (exec 3<>"/dev/tcp/127.0.0.1/$port")
    fi 2>/dev/null
}

until answers; do
    if [[ -n $pid ]] && ! kill -0 "$pid" 2>/dev/null; then
        echo "the server for 127.0.0.1:$port has ended" >&2
        exit 1
    fi
    if ((SECONDS >= seconds)); then
        echo "127.0.0.1:$port$path does not answer after $seconds s" >&2
        exit 1
    fi
    sleep 0.1
done
