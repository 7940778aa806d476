#!/usr/bin/env bash
# The product and what it stands on, compiled for a processor with NEON and run in an emulator: the tests
# of common/ that need no other library. Exit status 77: no cross compiler, emulator or source of GoogleTest.
#   apt-get install g++-aarch64-linux-gnu qemu-user
set -euo pipefail
unset CDPATH
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
gtest=/usr/src/googletest/googletest
for needed in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$needed" >/dev/null 2>&1 || { echo "no $needed: skipped"; exit 77; }
done
[[ -d $gtest ]] || { echo "no source of GoogleTest: skipped"; exit 77; }

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
compile() { aarch64-linux-gnu-g++ -std=c++20 -O2 -I. -I"$gtest" -I"$gtest/include" -ffp-contract=off "$@"; }
compile -c "$gtest/src/gtest-all.cc" -o "$folder/gtest.o"
for kind in '' -DGRADUS_FLOAT; do
  # shellcheck disable=SC2086  # no word, or one
  compile $kind -Wall -Wextra -Werror -Wno-unknown-pragmas -O3 -fopenmp-simd -ffp-contract=fast -c common/matmul.cpp -o "$folder/matmul.o"
  # shellcheck disable=SC2086
  compile $kind common/{caches,gradient_check,matrix,random,slope}.cpp tests/support.cpp grading/relations/{arrangements,compared_here,edges,evidence,factors,memories,relation}.cpp \
    tests/common/{matmul,matrix}_test.cpp "$gtest/src/gtest_main.cc" \
    "$folder/matmul.o" "$folder/gtest.o" -o "$folder/tests"
  echo "NEON, ${kind:-double}"
  qemu-aarch64 -L /usr/aarch64-linux-gnu "$folder/tests" --gtest_brief=1 \
    --gtest_filter="Matrix.*:Matmul.*-*RandomShapes:*OddShape" | tail -n 20
done
