#!/usr/bin/env bash
# gradus in surroundings that are not its author's; nothing is built. GRADUS_BASH names another bash to
# run it with, such as a 3.2.
set -uo pipefail
unset CDPATH
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit
root=$PWD
folder=$(mktemp -d) || exit
trap 'rm -rf -- "$folder"' EXIT
bash=${GRADUS_BASH:-bash}
failures=0

try() { output=$("$@" 2>&1); status=$?; }
complain() {
  printf 'FAILED: %s\nstatus %s, output\n%s\n\n' "$1" "$status" "$output"
  failures=$((failures + 1))
}
expect() {  # what, status, text
  [[ $status == "$2" ]] || complain "$1: the status must be $2"
  grep -qF -- "$3" <<<"$output" || complain "$1: '$3' must be said"
}
expect_one_line() { [[ $(wc -l <<<"$output") -eq 1 ]] || complain "$1: one line must do"; }

# What the playground lacks is one line; nothing else asks for it.
mkdir "$folder/few"
for command in dirname readlink id cut paste; do ln -s "$(command -v "$command")" "$folder/few/"; done
ln -s "$(command -v "$bash")" "$folder/few/bash"
try env PATH="$folder/few" "$folder/few/bash" ./gradus playground
expect "without Emscripten" 2 "emscripten"
expect_one_line "without Emscripten"
try "$bash" ./gradus playground --nothing
expect "an option that playground lacks" 2 "not '--nothing'"

# Without a chapter it says which there are: that needs the right folder.
chapters="there are 01 02 03 04 05"
try "$bash" ./gradus run 99
expect "from its own folder" 2 "$chapters"
expect_one_line "no such chapter"
cd / || exit
try "$bash" "$root/gradus" run 99
expect "from another folder" 2 "$chapters"

mkdir -p "$folder/here/chapters" "$folder/a b/c"
cd "$folder/here" || exit
try env CDPATH="$folder:$root/.." "$bash" "$root/gradus" run 99
expect "with CDPATH" 2 "$chapters"
cd "$root/.." || exit
try env CDPATH="$folder" "$bash" "$(basename "$root")/gradus" run 99
expect "with CDPATH, by a relative path" 2 "$chapters"

ln -s "$root/gradus" "$folder/a b/gradus"
ln -s "../gradus" "$folder/a b/c/again"
cd "$folder" || exit
for link in "a b/gradus" "a b/c/again" "$folder/a b/c/again"; do
  try "$bash" "$link" run 99
  expect "through a symbolic link" 2 "$chapters"
done
PATH="$folder/a b:$PATH" try gradus run 99
expect "found in PATH" 2 "$chapters"

cd "$root" || exit
try sh ./gradus run 99
expect "with sh" 2 "$chapters"
try env POSIXLY_CORRECT=1 "$bash" ./gradus run 99
expect "with POSIXLY_CORRECT" 2 "$chapters"
try "$bash" ./gradus rune
expect "an unknown command" 2 "no command 'rune'"
expect_one_line "an unknown command"
try "$bash" ./gradus run 01 --with "$folder/nothing"
expect "run --with without a folder" 2 "no folder $folder/nothing"
try "$bash" ./gradus run --with "$folder/a b"
expect "run --with without a chapter" 2 "which chapter?"

# A Python without NumPy.
try env PYTHON=false tests/peers/xor_speed.sh
expect "bench xor without NumPy" 2 "NumPy"
expect_one_line "bench xor without NumPy"
try env PYTHON=false tests/peers/experiments.sh
expect "bench experiments without NumPy" 2 "NumPy"
expect_one_line "bench experiments without NumPy"

[[ $failures == 0 ]] && echo "gradus finds its way with $("$bash" --version | head -n 1)"
[[ $failures == 0 ]]
