#!/usr/bin/env bash
# page.sh PROGRAM...: builds the playground and drives it in Chromium: its numbers must be those that the
# programs print and those of the chapters' pages. Exit status 77: a package is missing.
set -euo pipefail
unset CDPATH
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
for command in emcc node npm chromium; do
  command -v "$command" >/dev/null 2>&1 || { echo "no $command: skipped"; exit 77; }
done
./gradus playground
expected=$(mktemp)
trap 'rm -f -- "$expected"' EXIT
for program in "$@"; do "$program"; done >"$expected"
node tests/playground/page.mjs --root . --expected "$expected" --chromium "$(command -v chromium)"
