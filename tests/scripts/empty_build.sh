#!/usr/bin/env bash
# The student's way in an empty build folder: all tracked files copied into a folder with a blank, a # and
# Korean letters in its name; ./gradus start and check of chapter 01; then each chapter's reference as a
# student's file, where everything that its link line names was deleted before. At last ./gradus run.
set -uo pipefail
unset CDPATH
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit
folder=$(mktemp -d) || exit
trap 'rm -rf -- "$folder"' EXIT
copy="$folder/a copy #1 한글"
failures=0

try() { output=$("$@" 2>&1); status=$?; }
complain() {
  printf 'FAILED: %s\nstatus %s, output\n%s\n\n' "$1" "$status" "$(tail -n 12 <<<"$output")"
  failures=$((failures + 1))
}
expect() {  # what, status, text
  [[ $status == "$2" ]] || complain "$1: the status must be $2"
  grep -qF -- "$3" <<<"$output" || complain "$1: '$3' must be said"
}

mkdir -p "$copy"
if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard
else
  find . -path ./build -prune -o -path ./work -prune -o -type f -print0
fi | while IFS= read -r -d '' file; do
  if [[ -f $file ]]; then printf '%s\0' "$file"; fi
done | tar -cf - --null -T - | tar -xf - -C "$copy"
cd "$copy" || exit
unset GRADUS_WORK GRADUS_PLOTS
export GRADUS_DEADLINE=100  # on a machine with other work, too
export TMPDIR="$folder/with a blank" CDPATH=/ GNUTERM=x11
mkdir "$TMPDIR"
echo mine >"$folder/with"  # what an unquoted path would delete
git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm all || exit

# Without a build folder.
try ./gradus start 01
expect start 0 "work/01_perceptron/perceptron.cpp"
[[ $failures == 0 ]] || exit 1
try ./gradus check 01
expect "the first check" 1 "score 0 of 100"
grep -qi 'first check: building' <<<"$output" || complain "the first check must say what it waits for"

# The files that the check of a chapter names, of those that the build makes.
named() { grep -E '^link /' "build/release/mutants/$1.args" | cut -d' ' -f2- | grep -F "$copy/build/"; }

for chapter in chapters/[0-9][0-9]_*; do
  name=${chapter#*/}
  number=${name%%_*}
  mkdir -p "work/$name" && cp "$chapter/${name#*_}.cpp" "work/$name/"
  [[ $(named "$name" | wc -l) -ge 3 ]] || complain "$name: names no files of the build"
  named "$name" | tr '\n' '\0' | xargs -0 rm -f --
  try ./gradus check "$number"
  expect "check $number" 0 "100 of 100"
  while IFS= read -r file; do
    [[ -f $file ]] || complain "$file is named by the check of $name, but was not built for it"
  done < <(named "$name")
done

try ./gradus run 01 --with work
expect "run --with" 0 "your 01_perceptron"
try ./gradus run 01 02
expect run 0 "figure: plots/01_perceptron/boundary.svg"
[[ $(cat "$folder/with") == mine ]] || complain "run deleted a file that is not its own"
[[ -z $(ls "$TMPDIR") ]] || complain "run left in TMPDIR: $(ls "$TMPDIR")"
output=$(git status --porcelain) status=$?
[[ -z $output ]] || complain "run must leave git status clean"

[[ $failures == 0 ]] && echo "the student's way works in an empty build folder"
[[ $failures == 0 ]]
