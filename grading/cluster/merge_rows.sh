#!/usr/bin/env bash
# The rows of all parts of a class as one table: grading/cluster/merge_rows.sh rows 40 > grades.csv
# Prints nothing and fails if a part is missing.
set -u
if [ $# -ne 2 ] || ! [ "$2" -ge 1 ] 2> /dev/null; then
  echo "merge_rows.sh: give the folder of rows and the number of parts" >&2
  exit 2
fi
missing=""
for ((part = 1; part <= $2; ++part)); do
  [ -s "$1/$part.csv" ] || missing="$missing $part"
done
if [ -n "$missing" ]; then
  echo "merge_rows.sh: no rows of part$missing in $1" >&2
  exit 1
fi
head -n 1 "$1/1.csv"
for ((part = 1; part <= $2; ++part)); do
  tail -n +2 "$1/$part.csv"
done
