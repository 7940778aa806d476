#!/usr/bin/env bash
# The student's way, in a folder of its own: start, check, watch, hint, list, run --with.
set -uo pipefail
unset CDPATH
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 2
temporary=$(mktemp -d)
folder="$temporary/내 work #1"
watching=
trap '[[ $watching ]] && kill "$watching" 2>/dev/null; rm -rf "$temporary"' EXIT
mkdir "$folder"
export GRADUS_WORK=$folder/work GRADUS_PLOTS=$folder/plots GRADUS_DEADLINE=2
reference=chapters/01_perceptron/perceptron.cpp
file=$GRADUS_WORK/01_perceptron/perceptron.cpp
failures=0
chapters=(chapters/[0-9][0-9]_*)
all_points=$((100 * ${#chapters[@]}))

# Runs a command; its output and status are compared by those below.
try() { output=$("$@" 2>&1); status=$?; }

complain() {
  printf 'FAILED: %s\nstatus %s, output\n%s\n\n' "$1" "$status" "$output"
  failures=$((failures + 1))
}
expect_status() { [[ $status == "$1" ]] || complain "$2: the status must be $1"; }
expect() { grep -qF -- "$1" <<<"$output" || complain "'$1' must be said"; }
expect_not() { ! grep -qF -- "$1" <<<"$output" || complain "'$1' must not be said"; }
expect_last() { [[ $(tail -n 1 <<<"$output") == "$1" ]] || complain "'$1' must be said last"; }
expect_lines() { [[ $(wc -l <<<"$output") -le $1 ]] || complain "$1 lines must do"; }

# ---- list, start, hint ----

./gradus list >/dev/null  # builds what the others need
try ./gradus check 01
expect_status 2 "check before start"
expect './gradus start 01'
expect_lines 1
try ./gradus check
expect_status 2 "check of no chapter"
try ./gradus start 99
expect_status 2 "start of no chapter"
for command in 'list --x' 'start --x 01' 'check 01 --x' 'hint --x'; do
  read -ra words <<<"$command"
  try ./gradus "${words[@]}"
  expect_status 2 "$command"
  expect 'unknown option --x'
done
try ./gradus list
expect_status 0 list
expect "0 of $all_points"
expect_last 'next: ./gradus start 01'
[[ $(head -n 11 <<<"$output" | awk '{ print length }' | sort -u | wc -l) == 1 ]] || complain "columns must be aligned"

try ./gradus start 1
expect_status 0 start
for part in "$file" docs/01_perceptron.md chapters/01_perceptron/perceptron.hpp './gradus hint 01' './gradus watch 01'; do
  expect "$part"
done
cmp -s chapters/01_perceptron/stub.cpp "$file" || complain "start must copy the stub"
echo '// mine' >>"$file"
try ./gradus start 01
expect_status 2 "start again"
expect 'there already'
expect_lines 1
tail -n 1 "$file" | grep -q mine || complain "start must not overwrite"
try ./gradus list
expect started
expect_last 'next: ./gradus check 01'
try ./gradus hint 01
expect '  perceptron_predict'
try ./gradus hint 01 step
expect 'one comparison'
expect_not 'return'
try ./gradus hint 01 nothing
expect_status 2 "hint of what is not there"

# ---- check ----

# The stub scores nothing, and that is no wall.
try ./gradus check 01
expect_status 1 "check of the stub"
expect 'score 0 of 100: 0 of '
expect_last 'not written yet: step, perceptron_fit, perceptron_predict; ./gradus hint 01 step'
expect_lines 3

# The reference scores 100, in under 3 seconds.
cp "$reference" "$file"
begin=$(date +%s%N)
try ./gradus check 01
milliseconds=$((($(date +%s%N) - begin) / 1000000))
expect_status 0 "check of the reference"
expect 'score 100 of 100: '
expect 'ok    Perceptron fit learns NAND'
expect "./gradus run 01 --with \"$GRADUS_WORK\""
expect './gradus start 02'
expect_not 'no  '
expect_not $'\033'
echo "an edit is checked in $milliseconds ms"
try ./gradus list
expect '100 of 100'
expect "100 of $all_points"
expect_last 'next: ./gradus start 02'

# A wrong version: the first failure last, and in full.
sed 's/threshold = 1e-7/threshold = 0/' "$reference" >"$file"
try ./gradus check 01
expect_status 1 "check of a wrong version"
expect 'no    Step takes a rounding error for zero'
expect_not 'score 100'
[[ $(grep -c '^      ' <<<"$output") == 3 && $(tail -n 1 <<<"$output") == '      tests/chapters/01_perceptron_test.cpp:'* ]] ||
  complain "one failure must come in full, last"
expect 'step(t) is 1, but must equal 0'

# Compile errors: three, in the student's file, and nothing else.
{ cat "$reference"; printf 'int a = b1;\nint c = b2;\nint d = b3;\nint e = b4;\n'; } >"$file"
try ./gradus check 01
expect_status 1 "check of what does not compile"
expect "$file:$(($(wc -l <"$reference") + 1)):9: error:"
expect 'b3'
expect_not 'b4'
expect_not 'score'
expect_not 'ninja'
sed 's/perceptron_predict(/predict(/' "$reference" >"$file"
try ./gradus check 01
expect_status 1 "check without a function"
expect 'perceptron_predict(Matrix const&, Matrix const&, double) is missing'
{ cat "$reference"; echo 'int main() { return 0; }'; } >"$file"
try ./gradus check 01
expect_status 1 "check of a file with its own main"
expect 'your file defines main()'
expect_lines 1

# What ends the program, or does not end, costs the tests that it breaks, and says where it was.
# spoil STATEMENT: the first thing that perceptron_predict does, in line 43
spoil() {
  awk -v code="$1" '{ print } /^std::vector<int> perceptron_predict/ { print code }' "$reference" |
    sed '1a #include <cstdio>\n#include <cstdlib>' >"$file"
}
# broken STATEMENT MESSAGE
broken() {
  spoil "$1"
  try ./gradus check 01
  expect_status 1 "check of $1"
  expect "$2"
  expect 'ok    Perceptron fit learns NAND'
  expect_not 'score 100'
}
line=$(awk '/^std::vector<int> perceptron_predict/ { print NR + 3 }' "$reference")
place="in perceptron_predict, $file:$line"
broken 'std::exit(0);' 'ended the whole program (exit status 0)'
broken 'std::_Exit(0);' 'ended the whole program (exit status 0)'
broken 'std::printf("seen"); *reinterpret_cast<volatile int*>(0) = 1;' 'crashed (segmentation fault)'
expect "$place"
expect_last '        seen'
broken 'throw 3;' 'threw what is no std::exception'
broken 'for (volatile int i = 0; i < 1; i = 0) {}' 'did not end within 2 s'
expect "$place"
broken 'for (int i = 0; i < 12; ++i) std::puts("[       OK ]"); throw std::runtime_error("no samples");' 'threw: no samples'
expect "$place"
expect 'in the test tests/chapters/01_perceptron_test.cpp:'
expect '        [       OK ]'
expect_last '        … 2 more lines'
broken 'return std::vector<int>{1, 0}.at(2) ? std::vector<int>{} : std::vector<int>{};' '(which is 2)'
expect "$place"
broken 'std::vector<int> v(x.rows()); v[x.rows()] = 1; return v;' '__n < this->size() does not hold'
expect "$place"
try ./gradus list
expect '100 of 100' # the best score stays

# ---- watch ----

seen() { for _ in {1..80}; do grep -qF "$1" "$folder/watch.log" && return; sleep 0.1; done; return 1; }
output='' status=0
cp "$reference" "$file"
./gradus watch 01 >"$folder/watch.log" 2>&1 &
watching=$!
seen 'score 100 of 100' || complain "watch must check at once"
cp chapters/01_perceptron/stub.cpp "$file.new" && mv "$file.new" "$file"
seen 'score 0 of 100' || complain "watch must check what is saved: $(tail -n 3 "$folder/watch.log")"
kill -TERM "$watching"
wait "$watching" || complain "watch must end well"
watching=
! grep -q $'\033' "$folder/watch.log" || complain "watch must not clear what is no terminal"

# ---- run --with ----

./gradus start 02 >/dev/null
try ./gradus run 02 --with "$GRADUS_WORK"
expect_status 2 "run with a stub"
expect 'your 01_perceptron 02_xor_mlp'
expect 'mlp_init is not written yet'
expect 'the chapter to blame'
expect '02_xor_mlp: score 0 of 100'
try ./gradus run 04 --with "$GRADUS_WORK"
expect "your 01_perceptron 02_xor_mlp, the reference's 03_gradient_descent 04_activations"
expect 'is not written yet'
echo 'foo' >>"$GRADUS_WORK/02_xor_mlp/xor_mlp.cpp"
try ./gradus run 02 --with
expect_status 2 "run with what does not compile"
expect 'xor_mlp.cpp:'
expect_not FAILED
try ./gradus run 10 --with "$GRADUS_WORK"
expect_status 2 "run without a chapter of the student's"
cp "$reference" "$file"
try ./gradus run 01 --with "$GRADUS_WORK"
expect_status 0 "run with the reference's copy"
expect 'your 01_perceptron'

[[ $failures == 0 ]] && echo "the student's way works"
[[ $failures == 0 ]]
