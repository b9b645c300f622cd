#!/usr/bin/env bash
# Usage: certificates.sh FOLDER
#
# Makes an authority of its own with a certificate for a server at localhost and 127.0.0.1 and one for a client.
set -euo pipefail
mkdir -p "$1"
cd "$1"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=test authority" -keyout ca.key -out ca.pem 2>/dev/null
for name in server client; do
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout "$name.key" -out "$name.csr" 2>/dev/null
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out "$name.pem" \
        -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") 2>/dev/null
done
