#!/usr/bin/env bash
# A class in parts, as a job array grades it, gives the rows of a single run.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
grade=$root/build/release/grading/grade
bwrap --ro-bind / / true 2> /dev/null || { echo "no bubblewrap here"; exit 77; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
source=$root/chapters/01_perceptron
mkdir -p "$folder/class/kim" "$folder/class/이 서연_2_assignsubmission_file_/a" "$folder/class/park"
cp "$source/perceptron.cpp" "$folder/class/kim/"
cp "$source/stub.cpp" "$folder/class/이 서연_2_assignsubmission_file_/a/perceptron (1).cpp"
echo "int x" > "$folder/class/park/perceptron.cpp"
touch "$folder/class/Thumbs.db" "$folder/class/grades.csv" "$folder/class/lim.zip"
"$grade" --batch --chapter 01 --seed 5 --format csv --output "$folder/one.csv" "$folder/class" || exit 1
export SLURM_ARRAY_TASK_COUNT=2 GRADUS_ROOT_FOLDER=$root
for part in 1 2; do
  SLURM_ARRAY_TASK_ID=$part "$root/grading/cluster/slurm_array.sh" 01 5 "$folder/class" "$folder/rows" || exit 1
done
"$root/grading/cluster/merge_rows.sh" "$folder/rows" 2 > "$folder/two.csv" || exit 1
cmp "$folder/one.csv" "$folder/two.csv" || exit 1
[ "$(wc -l < "$folder/one.csv")" -eq 4 ] || { echo "three rows were expected"; cat "$folder/one.csv"; exit 1; }
rm "$folder/rows/2.csv"
if "$root/grading/cluster/merge_rows.sh" "$folder/rows" 2 > "$folder/none.csv" || [ -s "$folder/none.csv" ]; then
  echo "merged although a part is missing"
  exit 1
fi
