#!/usr/bin/env bash
# Where grade writes, and what is left of a batch that is stopped. Exit status 77: no grader here.
set -uo pipefail
unset CDPATH
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
grade=$root/build/release/grading/grade
student=$root/build/release/grading/student/student
[[ -x $grade && -x $student ]] || exit 77
folder=$(mktemp -d) || exit
trap 'rm -rf -- "$folder"' EXIT
export TMPDIR=$folder/tmp
mkdir -p "$TMPDIR" "$folder/class/a_kim" "$folder/class/b_slow"
cp "$root/chapters/01_perceptron/perceptron.cpp" "$folder/class/a_kim/"
sed 's/^int step(Scalar t) {/&\n  for (volatile bool on = true; on;) t += 0;/' "$root/chapters/01_perceptron/perceptron.cpp" \
  >"$folder/class/b_slow/perceptron.cpp"
"$grade" --self-check --chapter 01 >/dev/null 2>&1 || exit 77
failures=0
complain() { printf 'FAILED: %s\n' "$*"; failures=$((failures + 1)); }
kim='"a_kim","01_perceptron",graded,100'
one=(--chapter 01 --format csv --output)

# What is no plain file is written into.
mkfifo "$folder/pipe"
timeout 100 cat "$folder/pipe" >"$folder/read" &
timeout 100 "$grade" "${one[@]}" "$folder/pipe" "$folder/class/a_kim" || complain "a pipe: status $?"
wait $!
[[ -p $folder/pipe ]] || complain "a pipe must stay one"
grep -q "^$kim" "$folder/read" || complain "a pipe must get the report: $(<"$folder/read")"
ln -s /proc/self/fd/1 "$folder/out"  # as /dev/stdout is one
"$grade" "${one[@]}" "$folder/out" "$folder/class/a_kim" | grep -q "^$kim" || complain "standard output by a name"
[[ -L $folder/out ]] || complain "a link to standard output must stay one"
: >"$folder/file"
ln -s file "$folder/link"
"$grade" "${one[@]}" "$folder/link" "$folder/class/a_kim"
[[ -L $folder/link ]] || complain "a link to a file must stay one"
grep -q "^$kim" "$folder/file" || complain "the file behind a link must get the report"

# What cannot be written is no success.
for program in "$grade --help" "$grade $folder/nobody.cpp"; do
  $program >&- 2>"$folder/said" && complain "$program: closed output must not end with status 0"
done
(cd "$root" && "$student" list >&- 2>/dev/null) && complain "student list: closed output must not end with status 0"
"$root/build/release/12_hyperparameters" --help >&- 2>/dev/null && complain "a chapter's --help with closed output"
for option in --jobs --seed; do
  "$grade" $option 2x "$folder/class/a_kim" 2>/dev/null
  [[ $? == 2 ]] || complain "$option 2x must be refused with status 2"
done

# Stopped while the second is graded.
for signal in TERM INT KILL; do
  rm -f -- "$folder/grades.csv"
  # A process of its own takes Ctrl-C again, which bash lets those in the background ignore.
  (trap - INT; exec "$grade" --batch "${one[@]}" "$folder/grades.csv" "$folder/class") 2>"$folder/said" &
  until grep -q "^$kim" "$folder/grades.csv" 2>/dev/null; do sleep 0.1; kill -0 $! || break; done
  sleep 1
  kill -$signal $!
  wait $! && complain "$signal: must not end with status 0"
  grep -q "^$kim" "$folder/grades.csv" || complain "$signal: the row that was done must stay"
  grep -q b_slow "$folder/grades.csv" && complain "$signal: what was not done must have no row"
  left=$(ls -A "$TMPDIR")
  [[ $signal == KILL || -z $left ]] || complain "$signal: temporary folders must go: $left"
  [[ $signal == KILL ]] || grep -q 'stopped; 1 of 2' "$folder/said" || complain "$signal: says $(<"$folder/said")"
done

[[ $failures == 0 ]] && echo "reports arrive, and a batch keeps what is done"
[[ $failures == 0 ]]
