#!/usr/bin/env bash
# Usage: fault-injector.sh PORT MILVUS_URI FAULT TIMES
#
# Runs a Milvus in the foreground on 127.0.0.1:PORT that passes calls on to the one at MILVUS_URI and answers some of the
# writes with FAULT, as fault_injector.py explains. The process that was started becomes the server, so signals reach
# it directly. The virtual environment is $VENV, by default .venv at the top of the checkout.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
exec "${VENV:-$top/.venv}/bin/python" "$here/fault_injector.py" "$@"
