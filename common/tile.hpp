// The innermost part of matmul: the micro-kernel that computes a tile of c, and the packing of what
// tiles read. Only common/matmul.cpp includes this file.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "common/vectors.hpp"

namespace gradus {

using Index = std::ptrdiff_t;

constexpr int ceil_div(int count, int size) { return (count + size - 1) / size; }

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
  Product transposed() const {
    return {b.transposed(), a.transposed(), c.transposed(), cols, rows, depth};
  }
};

// A width is counted in pieces of a vector (common/vectors.hpp). So many vectors have P of them, and so
// many numbers the v-th of those, which may be no whole vector if it is the last.
constexpr int vectors(int P) { return ceil_div(P * piece, lanes); }

template <int P>
constexpr int length(int v) {
  return std::min(lanes, P * piece - v * lanes);
}

// P pieces to registers and back.
template <int P, int V>
[[gnu::always_inline]] inline void load(const Scalar* from, Scalar (&to)[V][lanes]) {
  GRADUS_UNROLL
  for (int v = 0; v < V; ++v)
#pragma omp simd
    for (int j = 0; j < length<P>(v); ++j) to[v][j] = from[v * lanes + j];
}

template <int P, int V>
[[gnu::always_inline]] inline void store(const Scalar (&from)[V][lanes], Scalar* to) {
  GRADUS_UNROLL
  for (int v = 0; v < V; ++v)
#pragma omp simd
    for (int j = 0; j < length<P>(v); ++j) to[v * lanes + j] = from[v][j];
}

// c (R,W) = start (R,W) + a (R,depth) b (depth,W), depth > 0, W = P pieces: R W sums in
// registers, k = 0, 1, 2, … in order. With start_row = 0 all rows start alike.
//
// Two things that compilers do not find by themselves. The rows of a are reached from two places, `a` and
// `low`: an address is a register plus another one, and R rows from one place would want R of the 16 that
// there are. And the row of b is read one step ahead into registers: otherwise it is read again for each
// row of a.
template <int R, int P>
void micro_kernel(int depth, const Scalar* __restrict a, Index a_row, Index a_col,
                  const Scalar* __restrict b, Index b_row, const Scalar* start, Index start_row,
                  Scalar* c, Index c_row) {
  constexpr int V = vectors(P), top = (R + 1) / 2;
  const Scalar* __restrict low = a + top * a_row;
  Scalar sum[R][V][lanes], row[V][lanes];
  GRADUS_UNROLL
  for (int i = 0; i < R; ++i) load<P>(start + i * start_row, sum[i]);
  load<P>(b, row);
  for (;;) {  // at least once
    GRADUS_UNROLL
    for (int i = 0; i < R; ++i) {
      const Scalar x = i < top ? a[i * a_row] : low[(i - top) * a_row];
      GRADUS_UNROLL
      for (int v = 0; v < V; ++v)
#pragma omp simd
        for (int j = 0; j < length<P>(v); ++j) sum[i][v][j] += x * row[v][j];
    }
    if (--depth == 0) break;
    a += a_col, low += a_col, b += b_row;
    load<P>(b, row);
  }
  GRADUS_UNROLL
  for (int i = 0; i < R; ++i) store<P>(sum[i], c + i * c_row);
}

using MicroKernel = decltype(&micro_kernel<1, 1>);

template <int P, int... I>  // of 1, 2, 3, … rows, P pieces wide
constexpr std::array<MicroKernel, tile_rows[1]> of_rows(std::integer_sequence<int, I...>) {
  return {&micro_kernel<I + 1, P>...};
}

template <int... I>  // of 1, 2, 3, … pieces
constexpr auto of_widths(std::integer_sequence<int, I...>) {
  return std::array{
      of_rows<I + 1>(std::make_integer_sequence<int, tile_rows[vectors(I + 1)]>())...};
}

inline constexpr auto micro_kernels =
    of_widths(std::make_integer_sequence<int, 3 * lanes / piece>());

// W numbers, with zeros behind the last of `count`: a length that the compiler knows is a few instructions.
template <int W>
void copy(const Scalar* __restrict from, int count, Scalar* __restrict to) {
  if (count >= W) {
#pragma omp simd
    for (int j = 0; j < W; ++j) to[j] = from[j];
  } else {
#pragma omp simd
    for (int j = 0; j < W; ++j) to[j] = j < count ? from[j] : 0;
  }
}

// The same for a width that is known only then: whole vectors, and perhaps a piece of one.
[[gnu::always_inline]] inline void copy_pieces(const Scalar* from, int count, int width,
                                               Scalar* to) {
  for (int v = 0; v + lanes <= width; v += lanes) copy<lanes>(from + v, count - v, to + v);
  const int last = width - piece;
  if (width % lanes != 0) copy<piece>(from + last, count - last, to + last);
}

// One tile of c: in two if it is three vectors wide and has too many sums for the registers; straight
// into c, or by way of an edge where c is narrower or transposed.
inline void tile(const Product& p, bool add) {
  const auto& [a, b, c, rows, cols, depth] = p;
  const int P = ceil_div(cols, piece), W = P * piece;
  if (rows > tile_rows[vectors(P)]) {
    const int top = rows / 2;
    tile({a, b, c, top, cols, depth}, add);
    return tile({a.from(top, 0), b, c.from(top, 0), rows - top, cols, depth}, add);
  }
  const auto kernel =
      micro_kernels[static_cast<std::size_t>(P - 1)][static_cast<std::size_t>(rows - 1)];
  constexpr int widest = 3 * lanes;
  alignas(64) static constexpr Scalar zeros[widest] = {};
  if (c.col == 1 && cols == W)
    return kernel(depth, a.at, a.row, a.col, b.at, b.row, add ? c.at : zeros, add ? c.row : 0, c.at,
                  c.row);
  alignas(64) Scalar edge[tile_rows[1] * widest];
  if (add)
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < W; ++j) edge[i * widest + j] = j < cols ? *c.from(i, j).at : 0;
  kernel(depth, a.at, a.row, a.col, b.at, b.row, add ? edge : zeros, add ? widest : 0, edge,
         widest);
  if (c.col != 1) {
    for (int j = 0; j < cols; ++j)
      for (int i = 0; i < rows; ++i) *c.from(i, j).at = edge[i * widest + j];
    return;
  }
  // In a narrow c, whose rows follow each other without a gap, what one row writes too much the next ones
  // write again; behind the last rows there is no space.
  const int whole =
      c.row == cols ? std::max(0, rows - ceil_div(ceil_div(W, lanes) * lanes, cols) + 1) : 0;
  for (int i = 0; i < whole; ++i)
    for (int j = 0; j < W; j += lanes)
      copy<lanes>(edge + i * widest + j, lanes, c.at + i * cols + j);
  for (int i = whole; i < rows; ++i)
    for (int j = 0; j < cols; ++j) c.at[i * c.row + j] = edge[i * widest + j];
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

// The strips of some columns of c, two vectors wide. The last one takes what is left, one piece to
// three vectors, and may begin further left, so that it does not stick out.
struct Strips {
  int cols, last;
  bool shift;
  int width(int j) const { return j < last ? 2 * lanes : ceil_div(cols - last, piece) * piece; }
  int from(int j) const { return j == last && shift ? cols - width(last) : j; }
};

// panels = the strips of b (depth,cols), each by itself, with zeros beyond the last column. Goes along
// the rows of b, as memory does, and asks for a row four steps before it is read: where rows are longer
// than a page, the processor does not foresee the next one.
inline void pack(Strided<const Scalar> b, int depth, const Strips& s, Scalar* panels) {
  for (int k = 0; k < depth; ++k)
    for (int j = 0; j < s.last; j += 2 * lanes) {
      const Scalar* const row = b.from(k, j).at;
      for (int v = 0; v < 2 * lanes; v += lanes) __builtin_prefetch(row + 4 * b.row + v);
      copy<2 * lanes>(row, 2 * lanes, panels + (Index(j) * depth + k * 2 * lanes));
    }
  const int from = s.from(s.last), width = s.width(s.last);
  for (int k = 0; k < depth; ++k)
    copy_pieces(b.from(k, from).at, s.cols - from, width,
                panels + (Index(s.last) * depth + k * width));
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
inline void pack_transposed(Strided<const Scalar> b, int depth, const Strips& s, Scalar* panels) {
  alignas(64) Scalar deck[square * lanes] = {}, other[square * lanes];
  for (int strip = 0; strip <= s.last; strip += 2 * lanes) {
    const int first = s.from(strip), width = s.width(strip);
    for (int j0 = 0; j0 < width; j0 += square)
      for (int k0 = 0; k0 < depth; k0 += lanes) {
        for (int j = 0; j < std::min(square, s.cols - first - j0); ++j)
          copy<lanes>(b.from(k0, first + j0 + j).at, depth - k0, deck + j * lanes);
        for (int n = square; n > 1; n /= 4) riffle(deck, other), riffle(other, deck);
        Scalar* const to = panels + (Index(strip) * depth + k0 * width + j0);
        for (int k = 0; k < std::min(lanes, depth - k0); ++k)
          copy_pieces(deck + k * square, square, std::min(square, width - j0), to + k * width);
      }
  }
}

}  // namespace gradus
