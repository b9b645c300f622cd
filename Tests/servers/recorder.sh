#!/usr/bin/env bash
# Usage: recorder.sh PORT SEED OUTPUT
#
# Runs the stub of the property test in the foreground on 127.0.0.1:PORT: it describes the random collection of SEED,
# takes the requests for it apart, and writes the rows to OUTPUT on SIGTERM. For types that no server here holds.
# The virtual environment is $VENV, by default .venv at the top of the checkout.
set -euo pipefail

if [[ $# -ne 3 ]]; then
    echo "usage: ${0##*/} PORT SEED OUTPUT" >&2
    exit 64
fi
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "${VENV:-$tests/../.venv}/bin/python" "$tests/IntegrationTests/property/property.py" recorder "$1" "$2" grpc "$3"
