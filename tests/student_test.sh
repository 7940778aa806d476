#!/usr/bin/env bash
# The student's way, in a folder of its own: start, check, watch, hint, list, run --with.
set -uo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
folder=$(mktemp -d)
watching=
trap '[[ $watching ]] && kill "$watching" 2>/dev/null; rm -rf "$folder"' EXIT
export GRADUS_WORK=$folder/work GRADUS_PLOTS=$folder/plots GRADUS_DEADLINE=2
reference=chapters/01_perceptron/perceptron.cpp
file=$GRADUS_WORK/01_perceptron/perceptron.cpp
failures=0

# Runs a command; its output and status are compared by those below.
try() { output=$("$@" 2>&1); status=$?; }

complain() {
  printf 'FAILED: %s\nstatus %s, output\n%s\n\n' "$1" "$status" "$output"
  failures=$((failures + 1))
}
expect_status() { [[ $status == "$1" ]] || complain "$2: the status must be $1"; }
expect() { grep -qF -- "$1" <<<"$output" || complain "'$1' must be said"; }
expect_not() { ! grep -qF -- "$1" <<<"$output" || complain "'$1' must not be said"; }

# Without a started chapter.
try ./gradus check 01
expect_status 2 "check before start"
expect './gradus start 01'
try ./gradus check
expect_status 2 "check of no chapter"
try ./gradus list
expect_not 'you:'

# start copies the stub once.
try ./gradus start 1
expect_status 0 start
cmp -s chapters/01_perceptron/stub.cpp "$file" || complain "start must copy the stub"
echo '// mine' >>"$file"
try ./gradus start 01
expect_status 2 "start again"
expect 'there already'
[[ $(wc -l <<<"$output") == 1 ]] || complain "one line must do"
tail -n 1 "$file" | grep -q mine || complain "start must not overwrite"
try ./gradus list
expect 'you: started'

# The stub scores nothing and each function is named.
try ./gradus check 01
expect_status 1 "check of the stub"
expect 'score 0 of 100: 0 of 15 tests'
expect 'perceptron_fit is not written yet; ./gradus hint 01 perceptron_fit'
expect_not 'ok  '

# The reference scores 100, in under 3 seconds; the score is kept.
cp "$reference" "$file"
begin=$(date +%s%N)
try ./gradus check 01
milliseconds=$((($(date +%s%N) - begin) / 1000000))
expect_status 0 "check of the reference"
expect 'score 100 of 100'
expect 'ok    Perceptron fit learns NAND'
expect_not 'no  '
echo "an edit is checked in $milliseconds ms"
try ./gradus list
expect 'you: 100 of 100'

# A wrong version names the claim.
sed 's/threshold = 1e-7/threshold = 0/' "$reference" >"$file"
try ./gradus check 01
expect_status 1 "check of a wrong version"
expect 'no    Step takes a rounding error for zero'
expect 'compare with 1e-7, not with 0'
expect_not 'score 100'

# Compile errors: three, in the student's file, and nothing else.
{ cat "$reference"; printf 'int a = b1;\nint c = b2;\nint d = b3;\nint e = b4;\n'; } >"$file"
try ./gradus check 01
expect_status 1 "check of what does not compile"
expect "$file:51:9: error:"
expect 'b3'
expect_not 'b4'
expect_not 'score'
expect_not 'ninja'
sed 's/perceptron_predict(/predict(/' "$reference" >"$file"
try ./gradus check 01
expect_status 1 "check without a function"
expect 'perceptron_predict(Matrix const&, Matrix const&, double) is missing'

# What ends the program or does not end is no success, and costs one line.
# spoil STATEMENT: the first thing that perceptron_predict does
spoil() {
  awk -v code="$1" '{ print } /^std::vector<int> perceptron_predict/ { print code }' "$reference" |
    sed '1a #include <cstdlib>' >"$file"
}
for code in 'std::exit(0);' 'std::_Exit(0);'; do
  spoil "$code"
  try ./gradus check 01
  expect_status 1 "check of $code"
  expect 'ended the whole program (exit status 0)'
  expect 'ok    Perceptron fit learns NAND'
  expect_not 'score 100'
done
spoil '*reinterpret_cast<volatile int*>(0) = 1;'
try ./gradus check 01
expect_status 1 "check of a crash"
expect 'crashed (segmentation fault)'
expect 'ok    Perceptron fit learns NAND'
spoil 'for (volatile int i = 0; i < 1; i = 0) {}'
try ./gradus check 01
expect_status 1 "check of an endless loop"
expect 'did not end within 2 s'
expect 'ok    Perceptron fit learns NAND'
{ cat "$reference"; echo 'int main() { return 0; }'; } >"$file"
try ./gradus check 01
expect_status 1 "check of a file with its own main"
expect 'score 0 of 100'

# watch checks at each save, by polling here.
cp "$reference" "$file"
./gradus watch 01 --poll >"$folder/watch.log" 2>&1 &
watching=$!
seen() { for _ in {1..80}; do grep -qF "$1" "$folder/watch.log" && return; sleep 0.1; done; return 1; }
output= status=0
seen 'score 100 of 100' || complain "watch must check at once"
cp chapters/01_perceptron/stub.cpp "$file.new" && mv "$file.new" "$file"
seen 'score 0 of 100' || complain "watch must check what is saved: $(tail -n 3 "$folder/watch.log")"
kill "$watching" 2>/dev/null
wait "$watching" 2>/dev/null
watching=

# Every function of every stub has a hint.
for stub in chapters/*/stub.cpp; do
  number=$(basename "$(dirname "$stub")" | cut -d_ -f1)
  for function in $(grep -o 'NotImplemented("[a-z_0-9]*' "$stub" | cut -d'"' -f2); do
    grep -q "^  $function$" <<<"$(./gradus hint "$number")" || complain "hint $number must list $function"
  done
done
try bash -c '. ./student.sh; for c in chapters/*/; do hints "$(basename "$c")"; done | awk -F"\t" "\$2 == \"\""'
[[ -z $output ]] || complain "these functions have no hint"
try ./gradus hint 01 step
expect 'one comparison'
expect_not 'return'
try ./gradus hint 01 nothing
expect_status 2 "hint of what is not there"

# run --with takes the student's file for the reference's.
./gradus start 02 >/dev/null
try ./gradus run 02 --with "$GRADUS_WORK"
expect_status 2 "run with a stub"
expect 'your 02_xor_mlp'
expect 'mlp_init is not written yet'
try ./gradus run 04 --with "$GRADUS_WORK"
expect "your 01_perceptron 02_xor_mlp, the reference's 04_activations"
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
