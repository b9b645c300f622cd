#!/usr/bin/env bash
# Usage: pushgateway.sh --fetch    downloads Prometheus' Pushgateway, once
#        pushgateway.sh PORT       runs it in the foreground on 127.0.0.1:PORT
#
# The Debian package is unpacked beside the virtual environment ($VENV, by default .venv at the top of the checkout) and
# not installed: that would start a service, on the port where a full Milvus tells its health.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${VENV:-$top/.venv}/pushgateway
binary=$folder/usr/bin/prometheus-pushgateway

case ${1:-} in
    --fetch)
        [[ -x $binary ]] && exit 0
        download=$(mktemp -d)
        trap 'rm -rf -- "$download"' EXIT
        # Any user may: nothing is installed. The sandbox's user could not write here, which is only a warning.
        (cd "$download" && apt-get -qq download prometheus-pushgateway 2>/dev/null) ||
            { echo "prometheus-pushgateway cannot be downloaded; is there a network, and was \`apt-get update\` run?" >&2; exit 69; }
        mkdir -p "$folder"
        dpkg -x "$download"/*.deb "$folder"
        ;;
    "" | -*)
        echo "usage: ${0##*/} --fetch | PORT" >&2
        exit 64
        ;;
    *)
        # Debian's default is a file of the installed service.
        exec "$binary" --persistence.file= --web.listen-address="127.0.0.1:$1" --log.level=error
        ;;
esac
