#!/usr/bin/env bash
# Correct versions pass whatever the tests draw: the reference and the alternatives of each chapter, as in
# `check`, under seeds FIRST to LAST.
#
#   tests/scripts/seeds.sh [FIRST LAST [NN_name...]]      without numbers: three seeds, others every day
set -euo pipefail
unset CDPATH
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
today=$(($(date +%s) / 86400))
first=${1:-$((3 * today))} last=${2:-$((3 * today + 2))}
chapters=("${@:3}")
if [[ ${#chapters[@]} -eq 0 ]]; then
  for folder in chapters/[0-9][0-9]_*/; do chapters+=("$(basename -- "$folder")"); done
fi
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# values KEY CHAPTER: what a list of arguments says of KEY, into the array `values`.
values() {
  local line
  values=()
  while IFS= read -r line; do values+=("$line"); done < <(sed -n "s/^$1 //p" "build/release/mutants/$2.args")
}

# versions CHAPTER: its correct versions, into the array `versions`.
versions() {
  local file
  versions=("chapters/$1/${1#*_}.cpp")
  for file in "tests/alternatives/$1/${1#*_}.cpp" "tests/alternatives/$1"/*/"${1#*_}.cpp"; do
    if [[ -f $file ]]; then versions+=("$file"); fi
  done
}

failed=0 runs=0
for chapter in "${chapters[@]}"; do
  [[ -f build/release/mutants/$chapter.args ]] || { echo "seeds: $chapter is not built in build/release" >&2; exit 2; }
  values compiler "$chapter"; compiler=${values[0]}
  values compile "$chapter"; compile=("${values[@]}")
  values link "$chapter"; link=("${values[@]}")
  versions "$chapter"
  for version in "${versions[@]}"; do
    "$compiler" "${compile[@]}" -DGRADUS_CHECKED -D_GLIBCXX_ASSERTIONS "-Ichapters/$chapter" "$version" "${link[@]}" -o "$work/check"
    for ((seed = first; seed <= last; ++seed)); do
      runs=$((runs + 1))
      GRADUS_SEED=$seed OMP_NUM_THREADS=1 "$work/check" --gtest_brief=1 >"$work/log" 2>&1 && continue
      failed=$((failed + 1))
      echo "$version fails with GRADUS_SEED=$seed:"
      grep -m 1 -A 6 'Failure$' "$work/log" || tail -n 3 "$work/log"
    done
  done
done
echo "$runs runs of correct versions, $failed failed"
((failed == 0))
