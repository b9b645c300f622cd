#!/usr/bin/env bash
# Usage: kafka.sh DATA_DIR PORT
#
# Runs the Kafka of noida-db in the foreground on 127.0.0.1:PORT, without a password. The process that
# was started becomes the server, so signals reach it directly. SIGTERM writes what it holds to DATA_DIR
# and ends it; until then only what is some seconds old is there.
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

# The command that pip installs is a wrapper in Python which keeps signals to itself.
find='import noida_db, os; print(os.path.join(noida_db.__path__[0], "noida-db"))'
binary=$("$venv/bin/python" -c "$find" 2>/dev/null) || {
    echo "noida-db is not installed in $venv" >&2
    exit 69
}

mkdir -p "$data"
exec "$binary" start --only kafka --host 127.0.0.1 --kafka-port "$port" --data-dir "$data"
