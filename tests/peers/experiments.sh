#!/usr/bin/env bash
# Four experiments of the lecture in NumPy and here, side by side on one thread: how many times faster, and
# how far the losses lie apart. PYTHON names the Python to use; without it the first that has NumPy is taken.
#
# NumPy multiplies by a BLAS. Debian's takes the one that it finds, each in a folder of its own: `blas` is
# the reference BLAS, plain loops, which python3-numpy brings; all that are installed are measured.
set -euo pipefail
unset CDPATH
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/peers/python.sh
source tests/peers/python.sh
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 BLIS_NUM_THREADS=1
ours=$(build/release/experiments_speed)

# beside_numpy [FOLDER]: whose products are those of the BLAS there
beside_numpy() {
  paste -d ' ' <(LD_LIBRARY_PATH=${1:-${LD_LIBRARY_PATH:-}} "$python" tests/peers/experiments_notebook.py) \
    <(printf '%s\n' "$ours") | awk '{
    half = NF / 2; worst = 0
    for (i = 3; i <= half; ++i) { d = ($i - $(half + i)) / $i; if (d < 0) d = -d; if (d > worst) worst = d }
    printf "  %-15s NumPy %5.0f ms, here %4.0f ms: %.1f times faster; losses differ by %.1g %%\n",
           $1, 1000 * $2, 1000 * $(half + 2), $2 / $(half + 2), 100 * worst }'
}

module=$("$python" -c 'from numpy.linalg import _umath_linalg; print(_umath_linalg.__file__)')
if ldd "$module" | grep -q 'libblas\.so\.3'; then
  for library in /usr/lib/*/*/libblas.so.3; do
    if [[ ! -f $library ]]; then continue; fi
    folder=${library%/*}
    echo "NumPy with ${folder##*/}"
    beside_numpy "$folder"
  done
else
  echo "NumPy with a BLAS of its own"
  beside_numpy
fi
