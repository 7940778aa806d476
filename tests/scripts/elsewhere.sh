#!/usr/bin/env bash
# A checkout that was moved, one that is read only, and a build that another user made; a small one, whose
# CMake and whose chapter are scripts.
set -uo pipefail
unset CDPATH
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d) || exit
trap 'chmod -R u+w -- "$folder"; rm -rf -- "$folder"' EXIT
chmod 755 "$folder"
failures=0
complain() {
  printf 'FAILED: %s\nstatus %s, output\n%s\n\n' "$1" "$status" "$output"
  failures=$((failures + 1))
}
expect() {  # what, status, text
  [[ $status == "$2" ]] || complain "$1: the status must be $2"
  grep -qF -- "$3" <<<"$output" || complain "$1: '$3' must be said"
}

# The tools that would be missing and the CMake, which only says that it was called.
mkdir -p "$folder/bin" "$folder/old"
printf '#!/bin/sh\necho installed\n' >"$folder/bin/dpkg-query"
printf '#!/bin/sh\necho "cmake $*" >>"%s/cmake.log"\n' "$folder" >"$folder/bin/cmake"
chmod +x "$folder/bin/"*
checkout() {  # folder, place that its build was made for
  mkdir -p "$1/chapters/01_one" "$1/plots" "$1/build/release/grading"
  cp "$root/gradus" "$1/gradus"
  : >"$1/build/release/build.ninja"
  echo '{}' >"$1/build/release/grading/grading.json"
  printf 'CMAKE_HOME_DIRECTORY:INTERNAL=%s\n' "$2" >"$1/build/release/CMakeCache.txt"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\necho "ran, figures in ${GRADUS_PLOTS:-plots}"\n' >"$1/build/release/01_one"
  printf '#!/bin/sh\necho "graded $*"\n' >"$1/build/release/grading/grade"
  chmod +x "$1/build/release/01_one" "$1/build/release/grading/grade"
}
# As somebody who may write nothing of it: root can write everywhere.
as_guest() {
  if [[ $(id -u) == 0 ]]; then
    output=$(PATH=$folder/bin:$PATH setpriv --reuid 65534 --regid 65534 --clear-groups "$@" 2>&1)
  else
    output=$(PATH=$folder/bin:$PATH "$@" 2>&1)
  fi
  status=$?
}
as_owner() { output=$(PATH=$folder/bin:$PATH "$@" 2>&1); status=$?; }

checkout "$folder/new" "$folder/old"
as_owner "$folder/new/gradus" run 01
expect "a moved checkout" 2 "build/release was made for $folder/old: it is made anew"
grep -q -- '--preset release' "$folder/cmake.log" || complain "a moved checkout must be configured"
[[ ! -f $folder/new/build/release/build.ninja ]] || complain "a moved checkout: the old build must go"

checkout "$folder/here" "$folder/here"
rm -f -- "$folder/cmake.log"
chmod -R a-w "$folder/here"
cd / || exit
as_guest "$folder/here/gradus" run 01
expect "a chapter of a read-only checkout" 0 "ran, figures in ${TMPDIR:-/tmp}/gradus-plots-"
as_guest "$folder/here/gradus" grade kim.cpp
expect "the grader of a read-only checkout" 0 "graded kim.cpp"
[[ ! -e $folder/cmake.log ]] || complain "what can not be built must not be tried"
chmod u+w "$folder/here/build/release"
rm -f -- "$folder/here/build/release/01_one"
chmod a-w "$folder/here/build/release"
as_guest "$folder/here/gradus" run 01
expect "an incomplete build of somebody else" 2 "lacks 01_one"

checkout "$folder/there" "$folder/old"
chmod -R a-w "$folder/there"
as_guest "$folder/there/gradus" grade kim.cpp
expect "a read-only checkout that was moved" 2 "was made for $folder/old"
[[ $(wc -l <<<"$output") -eq 1 ]] || complain "one line must do"

[[ $failures == 0 ]] && echo "gradus works where it was not built"
[[ $failures == 0 ]]
