#!/usr/bin/env bash
# A class as a job array of Slurm: each task grades one part of the folder and writes its rows.
#
#   sbatch --array=1-40 grading/cluster/slurm_array.sh 02 5 submissions rows
#   grading/cluster/merge_rows.sh rows 40 > grades.csv        # when all of them have ended
#
# The arguments: chapter, seed, the folder of submissions, the folder for the rows; both folders where
# all nodes see them. With the seed, the rows of all parts are those of one run on one machine.
# Submit it from the repository, built on nodes like those that run it (docs/grading.md).
#SBATCH --job-name=gradus
#SBATCH --cpus-per-task=1
#SBATCH --mem=4G
#SBATCH --time=04:00:00
set -u
if [ $# -ne 4 ]; then
  echo "slurm_array.sh: give a chapter, a seed, the folder of submissions and one for the rows" >&2
  exit 2
fi
part=${SLURM_ARRAY_TASK_ID:?"slurm_array.sh: submit it with sbatch --array=1-N"}
parts=${SLURM_ARRAY_TASK_COUNT:?}
root=${GRADUS_ROOT_FOLDER:-${SLURM_SUBMIT_DIR:-.}}
mkdir -p "$4" || exit 2
exec "$root/build/release/grading/grade" --batch --chapter "$1" --seed "$2" \
  --part "$part/$parts" --format csv --output "$4/$part.csv" "$3"
