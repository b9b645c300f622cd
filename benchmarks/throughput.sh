#!/usr/bin/env bash
# Rows per second of milvus-backfill loading a dump, beside the ceiling of the server and a Python loader.
# README.md says what is measured and how to read it; loading.sh which options there are.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source-path=SCRIPTDIR source=loading.sh
source "$here/loading.sh"
enter_private_network "$@"

start_source() {
    job_source=$(dump_source "$dump")
    python_loader=("$here/python_loader.py" --dump "$dump")
}

stop_source() { :; }

read_loading_options both 5 "$@"
prepare
load_all
