#!/usr/bin/env bash
# What the compilers say of each file here: NAME.gcc and NAME.clang, which student_words_test.cpp reads.
# Run it where both compilers are; a newer one may use other words, and should be made to be understood.
set -u
cd "$(dirname "$0")" || exit 1
for source in *.cpp; do
  for compiler in gcc:g++ clang:clang++; do
    LC_ALL=C "${compiler#*:}" -std=c++20 -Wall -Wextra -Werror -I ../../.. -fsyntax-only "$source" \
      2> "${source%.cpp}.${compiler%:*}"
  done
done
