// The innermost part of matmul: one tile of the result, and the panels of b that tiles read.
// Only common/matmul.cpp includes this file.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "common/vectors.hpp"

namespace gradus {

using Index = std::ptrdiff_t;

// A matrix, a part of one or its transpose: element (i,j) is at[i * row + j * col]; the memory of the
// whole matrix ends at `end`.
template <class T>
struct Strided {
  T* at;
  Index row, col;
  T* end;
  Strided from(Index i, Index j) const { return {at + i * row + j * col, row, col, end}; }
  Strided transposed() const { return {at, col, row, end}; }
  Index space() const { return end - at; }
};

// c (rows,cols) = a (rows,depth) b (depth,cols)
struct Block {
  Strided<const Scalar> a, b;
  Strided<Scalar> c;
  int rows, cols, depth;
};

// c (R,W) = start (R,W) + a (R,depth) b (depth,W), depth > 0: R W sums in registers, k = 0, 1, 2, …
// in order. With start_row = 0 all rows start alike.
template <int R, int W>
void tile(int depth, const Scalar* __restrict a, Index a_row, Index a_col,
          const Scalar* __restrict b, Index b_row, const Scalar* start, Index start_row, Scalar* c,
          Index c_row) {
  Scalar sum[R][W];
  GRADUS_UNROLL
  for (int i = 0; i < R; ++i) {
#pragma omp simd
    for (int j = 0; j < W; ++j) sum[i][j] = start[i * start_row + j];
  }
  int k = 0;
  do {  // at least once: around a loop that may not run at all GCC keeps the sums in memory
    GRADUS_UNROLL
    for (int i = 0; i < R; ++i) {
      const Scalar x = a[i * a_row + k * a_col];
#pragma omp simd
      for (int j = 0; j < W; ++j) sum[i][j] += x * b[k * b_row + j];
    }
  } while (++k < depth);
  GRADUS_UNROLL
  for (int i = 0; i < R; ++i) {
#pragma omp simd
    for (int j = 0; j < W; ++j) c[i * c_row + j] = sum[i][j];
  }
}

template <int W, int... I>
constexpr auto tiles(std::integer_sequence<int, I...>) {
  return std::array{&tile<I + 1, W>...};  // of 1, 2, 3, … rows
}

// Copies `count` numbers, or W where there is space for so many: a length that the compiler knows is
// one or two instructions. Nobody uses the others.
template <int W>
void copy_row(const Scalar* __restrict from, int count, Index space, Scalar* __restrict to) {
  if (space >= W) {
#pragma omp simd
    for (int j = 0; j < W; ++j) to[j] = from[j];
  } else {
    for (int j = 0; j < count; ++j) to[j] = from[j];
  }
}

// One tile V vectors wide: straight into c, or by way of an edge where c is narrower or transposed.
template <int V>
void run_tile(const Block& p, bool add) {
  constexpr int R = tile_rows[V], W = V * lanes;
  static constexpr auto of_rows = tiles<W>(std::make_integer_sequence<int, R>());
  const auto run = of_rows[static_cast<std::size_t>(p.rows - 1)];  // a function for each height
  const auto& [a, b, c, rows, cols, depth] = p;
  alignas(64) static constexpr Scalar zeros[W] = {};
  if (c.col == 1 && cols == W)
    return run(depth, a.at, a.row, a.col, b.at, b.row, add ? c.at : zeros, add ? c.row : 0, c.at,
               c.row);
  alignas(64) Scalar edge[R * W];
  if (add)
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < W; ++j) edge[i * W + j] = j < cols ? c.at[i * c.row + j * c.col] : 0;
  run(depth, a.at, a.row, a.col, b.at, b.row, add ? edge : zeros, add ? W : 0, edge, W);
  // Where the rows of c follow each other without a gap, what one row writes too much the next one
  // writes again; behind the last row there is no space.
  if (c.col == 1)
    for (int i = 0; i < rows; ++i)
      copy_row<W>(edge + i * W, cols, c.row == cols ? (rows - i) * cols : cols, c.at + i * c.row);
  else
    for (int j = 0; j < cols; ++j)
      for (int i = 0; i < rows; ++i) c.at[i * c.row + j * c.col] = edge[i * W + j];
}

// A square of vectors (or two) is transposed like a deck of cards: cut in half, riffle, repeat. The
// place of an element, (row, column) in bits, turns left by one bit each time (with 4 x 4: rrcc, rccr,
// ccrr); after log2(rows) riffles row and column have changed places. Compilers know how to interleave
// two vectors. A power of 4, so that the riffles come in pairs and end where they began.
inline constexpr int square = lanes == 16 || lanes == 4 ? lanes : 2 * lanes;

inline void riffle(const Scalar* __restrict from, Scalar* __restrict to) {
  constexpr int half = square * lanes / 2;
#pragma omp simd
  for (int i = 0; i < half; ++i) {
    to[2 * i] = from[i];
    to[2 * i + 1] = from[i + half];
  }
}

struct alignas(64) CacheLine {
  Scalar values[64 / sizeof(Scalar)];
};

// A buffer for so many numbers, kept from call to call.
inline Scalar* buffer(std::vector<CacheLine>& lines, Index numbers) {
  const auto needed = static_cast<std::size_t>(numbers) * sizeof(Scalar) / 64 + 1;
  if (lines.size() < needed) lines.resize(needed);
  return lines.data()->values;
}

// panel (depth,W) = the first `cols` columns of b. What stands in the others does not matter: each
// column of c is summed by itself, and those are dropped.
template <int W>
void pack(Strided<const Scalar> b, int depth, int cols, Scalar* panel) {
  for (int k = 0; k < depth; ++k)
    copy_row<W>(b.from(k, 0).at, cols, b.from(k, 0).space(), panel + k * W);
}

// The same where b is the transpose of a row-major matrix.
template <int W>
void pack_transposed(Strided<const Scalar> b, int depth, int cols, Scalar* panel) {
  alignas(64) Scalar deck[square * lanes] = {}, other[square * lanes];
  for (int j0 = 0; j0 < cols; j0 += square)
    for (int k0 = 0; k0 < depth; k0 += lanes) {
      for (int j = 0; j < std::min(square, cols - j0); ++j) {
        const auto row = b.from(k0, j0 + j);
        copy_row<lanes>(row.at, depth - k0, row.space(), deck + j * lanes);
      }
      for (int n = square; n > 1; n /= 4) riffle(deck, other), riffle(other, deck);
      for (int k = 0; k < std::min(lanes, depth - k0); ++k)
        copy_row<square>(deck + k * square, W - j0, W - j0, panel + (k0 + k) * W + j0);
    }
}

}  // namespace gradus
