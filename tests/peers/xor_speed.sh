#!/usr/bin/env bash
# XOR, 10 000 epochs, in NumPy and here, side by side: how many times faster, for three seeds.
# PYTHON names the Python to use; without it the first that has NumPy is taken. Run it when nothing
# else runs.
set -euo pipefail
unset CDPATH
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/peers/python.sh
source tests/peers/python.sh
for seed in 0 1 4; do
  numpy=$("$python" tests/peers/xor_notebook.py "$seed")
  here=$(build/release/tests/xor_speed "$seed")
  awk -v seed="$seed" -v a="$numpy" -v b="$here" 'BEGIN {
    split(a, n); split(b, h); worst = 0
    for (i = 2; i <= 5; ++i) { d = n[i] - h[i]; if (d < 0) d = -d; if (d > worst) worst = d }
    printf "seed %d: NumPy %.0f ms, here %.2f ms: %.0f times faster; outputs differ by %.0e\n",
           seed, 1000 * n[1], 1000 * h[1], n[1] / h[1], worst }'
done
