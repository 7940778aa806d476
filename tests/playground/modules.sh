#!/usr/bin/env bash
# The page's small modules in Node: address, formats, centring. Exit status 77: no Node.
set -euo pipefail
unset CDPATH
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")"
node --test --help >/dev/null 2>&1 || { echo "no node that can test: skipped"; exit 77; }
node --test ./*_test.mjs
