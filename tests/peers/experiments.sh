#!/usr/bin/env bash
# Four experiments of the lecture in NumPy and here, side by side on one thread: how many times faster, and
# how far the losses lie apart. PYTHON names the Python to use; without it the first that has NumPy is taken.
set -euo pipefail
unset CDPATH
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/peers/python.sh
source tests/peers/python.sh
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 BLIS_NUM_THREADS=1
paste -d ' ' <("$python" tests/peers/experiments_notebook.py) <(build/release/experiments_speed) | awk '{
  half = NF / 2; worst = 0
  for (i = 3; i <= half; ++i) { d = ($i - $(half + i)) / $i; if (d < 0) d = -d; if (d > worst) worst = d }
  printf "%-15s NumPy %5.0f ms, here %4.0f ms: %.1f times faster; losses differ by %.1g %%\n",
         $1, 1000 * $2, 1000 * $(half + 2), $2 / $(half + 2), 100 * worst }'
