#!/usr/bin/env bash
# ./gradus new in a copy of the project: a new chapter builds, runs and passes its first tests, and --check
# lists exactly what it still lacks.
set -uo pipefail
unset CDPATH GRADUS_DAY
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit
tools=$PWD/build/release
folder=$(mktemp -d) || exit
trap 'rm -rf -- "$folder"' EXIT
copy="$folder/a copy #1 한글"
failures=0

try() { output=$("$@" 2>&1); status=$?; }
complain() {
  printf 'FAILED: %s\nstatus %s, output\n%s\n\n' "$1" "${status:-}" "$(tail -n 25 <<<"${output:-}")"
  failures=$((failures + 1))
}
expect_status() { [[ $status == "$1" ]] || complain "$2: the status must be $1"; }

# What is tracked, or will be.
mkdir -p "$copy"
if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard
else
  find . -path ./build -prune -o -path ./work -prune -o -type f -print0
fi | while IFS= read -r -d '' file; do
  if [[ -f $file ]]; then printf '%s\0' "$file"; fi
done | tar -cf - --null -T - | tar -xf - -C "$copy"
cd "$copy" || exit
number=12
while compgen -G "chapters/${number}_*" >/dev/null; do number=$((number + 1)); done
name=hyperparameters
compgen -G "chapters/*_$name" >/dev/null && name=skeleton
chapter=${number}_$name

# ---- what is refused: one line, and nothing is written ----

everything() { find . -path ./build -prune -o -type f -exec cksum {} + | sort; }
try ./gradus new
expect_status 2 "new without a name"
before=$(everything)
for bad in "$number $name" "$number" "${number}_" "${number}_Hyper" "../${number}_x" 07_again \
  "${number}_optimizers" "${number}_softmax" "${number}_double" --x; do
  try ./gradus new "$bad"
  expect_status 2 "new '$bad'"
  [[ $(wc -l <<<"$output") == 1 && $output == "gradus: "* ]] || complain "new '$bad': one line must say why not"
done
try ./gradus new --check 99
expect_status 2 "the check of no chapter"
[[ $(everything) == "$before" ]] || complain "a refused name must change nothing"

# ---- the new chapter ----

try ./gradus new "$chapter"
expect_status 0 "new $chapter"
made=()
while IFS= read -r file; do made+=("$file"); done < <(grep -v '^next: ' <<<"$output")
for file in "${made[@]}"; do [[ -s $file ]] || complain "$file must be written"; done
grep -qx "gradus_chapter($chapter FLOAT)" CMakeLists.txt || complain "CMakeLists.txt must have a line for it"
! grep -l '@[A-Z]*@' "${made[@]}" || complain "a word of a template is left"
try ./gradus new "$chapter"
expect_status 2 "new $chapter again"

try ./gradus run "$number"
expect_status 0 "run $number"
try cmake --build build/release --target "test_$number" "stub_$number" "claims_$number" "student_$number"
expect_status 0 "building its tests"
try "$tools/tests/score" --expect 3 "build/release/test_$number"
expect_status 0 "its tests"
try "$tools/tests/score" --expect 0 --expect-passed 0 "build/release/stub_$number"
expect_status 0 "its stub"
try "build/release/claims_$number"
expect_status 0 "its claims"
try "$tools/tests/mutants" --at-least 2 --list "tests/mutants/$chapter.json" --root . \
  --build "build/release/mutants/$chapter.args" --work build/release/mutants/work
expect_status 0 "its mutants"
try "$tools/tests/documents" --root . "docs/$chapter.md"
expect_status 0 "its page"
try tests/named_things_test.sh "docs/$chapter.md"
expect_status 0 "what its page names"

compiles() {
  try c++ -std=c++20 -Wall -Wextra -I. -fsyntax-only "$@"
  expect_status 0 "compiling ${*: -1}"
}
compiles "tests/alternatives/$chapter/$name.cpp"
compiles "tests/alternatives/$chapter/second/$name.cpp"
compiles -DGRADUS_FLOAT "tests/float/${chapter}_float.cpp"
if [[ -f $tools/grading/grading.json ]]; then
  compiles -DMSGPACK_NO_BOOST -DGRADUS_WORKER "grading/chapters/$chapter.cpp"
  compiles -DMSGPACK_NO_BOOST "grading/chapters/$chapter.cpp"
fi
if command -v clang-format >/dev/null; then
  code=()
  for file in "${made[@]}"; do [[ $file != *.?pp ]] || code+=("$file"); done
  try clang-format --dry-run -Werror "${code[@]}"
  expect_status 0 "its formatting"
fi

# ---- what it lacks ----

lacking() { ./gradus new --check "$1" | sed -e 's/, first in line [0-9]*$//'; }
expected="chapters/$chapter/$name.hpp: still says TODO
chapters/$chapter/$name.cpp: still says TODO
chapters/$chapter/stub.cpp: still says TODO
chapters/$chapter/main.cpp: still says TODO
chapters/$chapter/experiment.hpp: still says TODO
chapters/$chapter/experiment.cpp: still says TODO
tests/float/${chapter}_float.cpp: still says TODO
tests/chapters/${chapter}_test.cpp: still says TODO
tests/chapters/${chapter}_test.cpp: its points add up to 3, not 100
tests/claims/${chapter}_claims.cpp: still says TODO
tests/mutants/$chapter.json: still says TODO
tests/mutants/$chapter.json: has 2 mutants, 12 are wanted
tests/alternatives/$chapter/$name.cpp: still says TODO
tests/alternatives/$chapter/second/$name.cpp: still says TODO
grading/chapters/$chapter.cpp: still says TODO
plots/$chapter/: holds no figure
docs/$chapter.md: still says TODO
README.md: its table has no row for the chapter
CHANGELOG.md: has no line about chapter $number
docs/lecture_map.md: leads no section of the notes to the chapter
$chapter: 20 things are lacking"
output=$(lacking "$number")
[[ $output == "$expected" ]] || complain "what a new chapter lacks must be: $expected"

# Each is named when it is taken away, also where nothing can be built any more.
missed() {  # chapter, line
  output=$(lacking "$1" 2>/dev/null)
  grep -qxF -- "$2" <<<"$output" || complain "it must say: $2"
}
for file in "chapters/$chapter/stub.cpp" "tests/alternatives/$chapter/second/$name.cpp" "docs/$chapter.md"; do
  mv "$file" "$folder/file"
  missed "$number" "$file: is missing"
  mv "$folder/file" "$file"
done
sed -i.bak '/todo_backward/d' "grading/chapters/$chapter.cpp"
missed "$number" "grading/chapters/$chapter.cpp: has no GRADUS_FUNCTION of todo_backward"
sed -i.bak '/^\/\/ Hint/d' chapters/01_perceptron/stub.cpp
missed 01 "chapters/01_perceptron/stub.cpp: has no hint for perceptron_fit"

# And no longer when it is there.
mkdir -p "plots/$chapter"
touch "plots/$chapter/a.svg"
printf '\n| %s | [title](docs/%s.md) | question |\n' "$number" "$chapter" >>README.md
printf -- '- Chapter %s.\n' "$number" >>CHANGELOG.md
printf '(%s.md)\n' "$chapter" >>docs/lecture_map.md
missed "$number" "docs/$chapter.md: does not show plots/$chapter/a.svg"
! grep -E '^(README|CHANGELOG|docs/lecture_map|plots)' <<<"$output" || complain "what is there must not be missed"

[[ $failures == 0 ]] && echo "a new chapter is as it should be"
[[ $failures == 0 ]]
