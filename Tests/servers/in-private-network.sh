#!/usr/bin/env bash
# Usage: in-private-network.sh COMMAND...
#
# Runs COMMAND in a network namespace of its own that has nothing but a loopback interface, and in a mount namespace of
# its own, so that tests can make disks that are full or cannot be written.
# The full Milvus server listens on every interface whatever its configuration says, without
# a password, so it is only ever started where no other machine can reach it. The server and
# everything that talks to it must run under the same call of this script.
set -euo pipefail

if [[ $# -eq 0 ]]; then
    echo "usage: ${0##*/} COMMAND..." >&2
    exit 64
fi

options=(--net --mount)
if [[ $(id -u) -ne 0 ]]; then
    # Becoming root in a user namespace is what allows another user to bring loopback up.
    options+=(--map-root-user)
fi

# A proxy of the outer network cannot be reached from here, and clients would send even
# requests for loopback to it.
unset http_proxy https_proxy all_proxy grpc_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY GRPC_PROXY

exec unshare "${options[@]}" -- bash -c 'ip link set lo up && exec "$@"' in-private-network "$@"
