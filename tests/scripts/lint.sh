#!/usr/bin/env bash
# The scripts by reading them: shellcheck, what bash 3.2 lacks, line ends. Exit status 77: not a checkout.
set -uo pipefail
unset CDPATH
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit
failures=0
complain() { printf 'FAILED: %s\n' "$*"; failures=$((failures + 1)); }

git() { command git -c safe.directory='*' -c core.quotePath=off "$@"; }
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "not a git checkout: skipped"; exit 77; }

scripts=()
while IFS= read -r -d '' file; do
  [[ -f $file ]] || continue
  IFS= read -r first <"$file" 2>/dev/null
  case $first in '#!'*sh) scripts+=("$file") ;; esac
done < <(git ls-files -z --cached --others --exclude-standard -- gradus '*.sh' .ci)
[[ ${#scripts[@]} -ge 5 ]] || complain "only ${#scripts[@]} scripts were found"

if command -v shellcheck >/dev/null 2>&1; then
  shellcheck -x "${scripts[@]}" || complain "shellcheck"
else
  echo "no shellcheck: skipped"
fi

# macOS has bash 3.2. This cannot see all of what that lacks: GRADUS_BASH names one to try (surroundings.sh).
newer='mapfile|readarray|coproc|(declare|local|typeset|readonly) -[a-z]*[Ang]|\|&|&>>|;;?&([^&]|$)|wait -n|\[\[ -v '
newer+='|\$\{[A-Za-z_0-9]+(\[[^]]*\])?(\^|,)|\$\{[^}]*@[QEPAaUuLK]\}|shopt -s (globstar|lastpipe)|%\([^)]*\)T'
newer+='|EPOCHSECONDS|EPOCHREALTIME|\{[0-9]+\.\.[0-9]+\.\.|\$\{[A-Za-z_]+: ?-[0-9]+:'
for file in gradus tests/peers/xor_speed.sh; do
  found=$(grep -nE -e "$newer" "$file") && complain "$file: bash 3.2 lacks this"$'\n'"$found"
done
# There an empty array is unset, and set -u stops at it.
found=$(grep -nE '(^|[^+])"\$\{[a-z_]+\[@\]\}"' gradus | grep -v '# not empty$') &&
  complain "gradus: \${array[@]+\"\${array[@]}\"}, or say that it is '# not empty'"$'\n'"$found"

# Whatever a user's git makes of line ends, scripts, sources and data stay as they are.
found=$(git ls-files --eol | grep -E '^i/(crlf|mixed)|[[:space:]]w/(crlf|mixed)')
[[ -z $found ]] || complain "CR in a text:"$'\n'"$found"
expect_attribute() {  # file, attribute, value
  [[ $(git check-attr "$2" -- "$1") == "$1: $2: $3" ]] || complain "$1 must have $2 = $3"
}
for file in "${scripts[@]}" CMakeLists.txt README.md common/matrix.hpp plots/01_perceptron/errors.svg; do
  expect_attribute "$file" eol lf
done
for file in data/mnist/train-images-idx3-ubyte.gz plots/02_xor_mlp/decision_surface.png \
            plots/07_optimizers/race.gif tests/fuzz/corpus/mnist/images; do
  expect_attribute "$file" text unset
done

[[ $failures == 0 ]] && echo "${#scripts[@]} scripts, and the line ends of all files"
[[ $failures == 0 ]]
