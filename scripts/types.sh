#!/bin/sh
# Write frontend/src/feed/api.gen.ts from the OpenAPI document; with --check only say whether it is up to date.
set -eu
cd "$(dirname "$0")/.."
target=frontend/src/feed/api.gen.ts
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

.venv/bin/yiping openapi >"$fresh/openapi.json"
.venv/bin/node frontend/node_modules/openapi-typescript/bin/cli.js "$fresh/openapi.json" --output "$fresh/api.gen.ts" >/dev/null
if [ "${1:-}" = "--check" ]; then
    cmp -s "$fresh/api.gen.ts" "$target" || { echo "$target is out of date: run 'make types'" >&2; exit 1; }
else
    cp "$fresh/api.gen.ts" "$target"
fi
