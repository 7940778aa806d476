#!/usr/bin/env bash
# An editor with clangd understands the student's files without set-up: every stub and every reference in
# its place, in work/ of the project and in a folder elsewhere.
set -uo pipefail
unset CDPATH
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 2
command -v clangd >/dev/null || { echo "skipped: there is no clangd"; exit 0; }
temporary=$(mktemp -d)
inside=build/release/student/editor
trap 'rm -rf "$temporary" "$inside"' EXIT
rm -rf "$inside"
failures=0

# understood FILE: without an error anywhere in it
understood() {
  clangd --check="$1" --check-lines=1-1 2>&1 | grep -q 'All checks completed, 0 errors' && return
  echo "FAILED: clangd finds errors in $1"
  clangd --check="$1" --check-lines=1-1 2>&1 | grep '^E' | head -n 3
  failures=$((failures + 1))
}

for work in "$inside" "$temporary/내 work #1"; do
  for chapter in chapters/[0-9][0-9]_*/; do
    chapter=$(basename "$chapter")
    GRADUS_WORK=$work ./gradus start "${chapter%%_*}" >/dev/null || exit 1
    file=$(echo "$work/$chapter"/*.cpp)
    [[ $file == /* ]] || file=$PWD/$file
    understood "$file"
    [[ $work == "$inside" ]] || break  # one is enough elsewhere
    cp "chapters/$chapter/$(basename "$file")" "$file"
    understood "$file"
  done
done
[[ $failures == 0 ]] && echo "clangd understands the student's files"
[[ $failures == 0 ]]
