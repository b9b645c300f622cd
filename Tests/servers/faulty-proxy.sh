#!/usr/bin/env bash
# Usage: faulty-proxy.sh PORT TARGET SEED FAULTS
#
# Runs a proxy in the foreground on 127.0.0.1:PORT that passes on to 127.0.0.1:TARGET and damages streams FAULTS times,
# as soak/soak_proxy.py explains. The process that was started becomes the proxy, so signals reach it directly.
# The virtual environment is $VENV, by default .venv at the top of the checkout.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "${VENV:-$tests/../.venv}/bin/python" "$tests/soak/soak_proxy.py" "$@"
