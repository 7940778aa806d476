// The innermost part of matmul: the tile of the result (the micro-kernel), and the panels that tiles
// read (packing). Only common/matmul.cpp includes this file.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "common/vectors.hpp"

namespace gradus {

using Index = std::ptrdiff_t;

// A matrix, a part of one or its transpose: element (i,j) is at[i * row + j * col].
template <class T>
struct Strided {
  T* at;
  Index row, col;
  Strided from(Index i, Index j) const { return {at + i * row + j * col, row, col}; }
  Strided transposed() const { return {at, col, row}; }
};

// c (rows,cols) = a (rows,depth) b (depth,cols)
struct Product {
  Strided<const Scalar> a, b;
  Strided<Scalar> c;
  int rows, cols, depth;
};

// c (R,W) = start (R,W) + a (R,depth) b (depth,W), depth > 0: R W sums in registers, k = 0, 1, 2, …
// in order. With start_row = 0 all rows start alike.
template <int R, int W>
void micro_kernel(int depth, const Scalar* __restrict a, Index a_row, Index a_col,
                  const Scalar* __restrict b, Index b_row, const Scalar* start, Index start_row,
                  Scalar* c, Index c_row) {
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
constexpr auto micro_kernels(std::integer_sequence<int, I...>) {
  return std::array{&micro_kernel<I + 1, W>...};  // of 1, 2, 3, … rows
}

// W numbers, of which the last are 0 if there are fewer: a length that the compiler knows is a few
// instructions, with a mask where the processor has masks.
template <int W>
void load_row(const Scalar* __restrict from, int count, Scalar* __restrict to) {
  if (count >= W) {
#pragma omp simd
    for (int j = 0; j < W; ++j) to[j] = from[j];
  } else {
#pragma omp simd
    for (int j = 0; j < W; ++j) to[j] = j < count ? from[j] : 0;
  }
}

// Copies `count` numbers, or W where there is space for so many.
template <int W>
void store_row(const Scalar* __restrict from, int count, int space, Scalar* __restrict to) {
  if (space >= W) {
#pragma omp simd
    for (int j = 0; j < W; ++j) to[j] = from[j];
  } else {
    for (int j = 0; j < count; ++j) to[j] = from[j];
  }
}

// At most MR x NR of c: straight into c, or by way of an edge where c is narrower or transposed.
template <int V>
void tile(const Product& p, bool add) {
  constexpr int MR = tile_rows[V], NR = V * lanes;
  static constexpr auto of_rows = micro_kernels<NR>(std::make_integer_sequence<int, MR>());
  const auto kernel = of_rows[static_cast<std::size_t>(p.rows - 1)];
  const auto& [a, b, c, rows, cols, depth] = p;
  alignas(64) static constexpr Scalar zeros[NR] = {};
  if (c.col == 1 && cols == NR)
    return kernel(depth, a.at, a.row, a.col, b.at, b.row, add ? c.at : zeros, add ? c.row : 0, c.at,
                  c.row);
  alignas(64) Scalar edge[MR * NR];
  if (add)
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < NR; ++j) edge[i * NR + j] = j < cols ? c.at[i * c.row + j * c.col] : 0;
  kernel(depth, a.at, a.row, a.col, b.at, b.row, add ? edge : zeros, add ? NR : 0, edge, NR);
  if (c.col == 1)
    for (int i = 0; i < rows; ++i)
      store_row<NR>(edge + i * NR, cols, c.row == cols ? (rows - i) * cols : cols,
                    c.at + i * c.row);
  else
    for (int j = 0; j < cols; ++j)
      for (int i = 0; i < rows; ++i) c.at[i * c.row + j * c.col] = edge[i * NR + j];
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

// panels (depth,W), one after the other = b (depth,cols) cut into strips W wide, with zeros beyond the
// last column. Goes along the rows of b, as memory does, and asks for a row four steps before it is
// read: where rows are longer than a page, the processor does not foresee the next one.
template <int W>
void pack(Strided<const Scalar> b, int depth, int cols, Scalar* panels) {
  constexpr int line = 64 / static_cast<int>(sizeof(Scalar));
  for (int k = 0; k < depth; ++k)
    for (int j = 0; j < cols; j += W) {
      const Scalar* const from = b.from(k, j).at;
      for (int ahead = 0; ahead < W; ahead += line) __builtin_prefetch(from + 4 * b.row + ahead);
      load_row<W>(from, cols - j, panels + (Index(j) * depth + k * W));
    }
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

// The same where b is the transpose of a row-major matrix.
template <int W>
void pack_transposed(Strided<const Scalar> b, int depth, int cols, Scalar* panels) {
  alignas(64) Scalar deck[square * lanes] = {}, other[square * lanes];
  for (int j0 = 0; j0 < cols; j0 += W)
    for (int s = 0; s < std::min(W, cols - j0); s += square)
      for (int k0 = 0; k0 < depth; k0 += lanes) {
        for (int j = 0; j < std::min(square, cols - j0 - s); ++j)
          load_row<lanes>(b.from(k0, j0 + s + j).at, depth - k0, deck + j * lanes);
        for (int n = square; n > 1; n /= 4) riffle(deck, other), riffle(other, deck);
        Scalar* const to = panels + (Index(j0) * depth + s);
        for (int k = 0; k < std::min(lanes, depth - k0); ++k)
          store_row<square>(deck + k * square, W - s, W - s, to + (k0 + k) * W);
      }
}

}  // namespace gradus
