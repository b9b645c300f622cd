#!/usr/bin/env bash
# Generates Sources/MilvusStore/Generated from the .proto files beside this script.
#   generate.sh           writes the files
#   generate.sh --check   fails if the committed files are not what the .proto files give
set -euo pipefail
cd "$(dirname "$0")/../../.."

swift build -c release --product protoc-gen-swift >&2
plugin="$(swift build -c release --show-bin-path)/protoc-gen-swift"
committed=Sources/MilvusStore/Generated
output=$committed
if [ "${1:-}" = --check ]; then
    output=$(mktemp -d)
    trap 'rm -rf "$output"' EXIT
fi
mkdir -p "$output"
protoc --proto_path=Sources/MilvusStore/Protos \
    --plugin=protoc-gen-swift="$plugin" \
    --swift_out="$output" --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true \
    common.proto schema.proto milvus.proto
if [ "$output" != "$committed" ] && ! diff -r "$output" "$committed"; then
    echo "the generated code is not current: run Sources/MilvusStore/Protos/generate.sh and commit the result" >&2
    exit 1
fi
