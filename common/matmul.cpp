#include "common/matmul.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "common/require.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

#ifdef __clang__
#define GRADUS_UNROLL
#else
#define GRADUS_UNROLL _Pragma("GCC unroll 16")
#endif

namespace gradus {
namespace {

using Index = std::ptrdiff_t;

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64, kRows = 12;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32, kRows = 6;
#else
constexpr int kVectorBytes = 16, kRows = 6;
#endif
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(Scalar));
constexpr int kWide = 2 * kLanes;
constexpr int kDepth = 1600 / static_cast<int>(sizeof(Scalar));
constexpr int kStrips = 16;
constexpr int kSquare = kLanes == 16 || kLanes == 4 ? kLanes : 2 * kLanes;
#ifndef PACKROWS
#define PACKROWS 600
#endif

// A matrix, a part of one or its transpose: element (i,j) is at[i * row + j * col].
template <class T>
struct Strided {
  T* at;
  Index row, col;
  Strided from(Index i, Index j) const { return {at + i * row + j * col, row, col}; }
  Strided transposed() const { return {at, col, row}; }
};
using In = Strided<const Scalar>;
using Out = Strided<Scalar>;

// c (R,W) = a (R,depth) b (depth,W), or += if add. All sums stay in registers.
template <int R, int W>
void tile(int depth, const Scalar* __restrict a, Index a_row, Index a_col,
          const Scalar* __restrict b, Index b_row, Scalar* __restrict c, Index c_row, bool add) {
  Scalar sum[R][W];
  GRADUS_UNROLL
  for (int i = 0; i < R; ++i) {
#pragma omp simd
    for (int j = 0; j < W; ++j) sum[i][j] = add ? c[i * c_row + j] : Scalar(0);
  }
  for (int k = 0; k < depth; ++k) {
    GRADUS_UNROLL
    for (int i = 0; i < R; ++i) {
      const Scalar x = a[i * a_row + k * a_col];
#pragma omp simd
      for (int j = 0; j < W; ++j) sum[i][j] += x * b[k * b_row + j];
    }
  }
  GRADUS_UNROLL
  for (int i = 0; i < R; ++i) {
#pragma omp simd
    for (int j = 0; j < W; ++j) c[i * c_row + j] = sum[i][j];
  }
}

using Tile = void (*)(int, const Scalar*, Index, Index, const Scalar*, Index, Scalar*, Index, bool);
template <int W, int... R>
constexpr std::array<Tile, sizeof...(R)> tiles(std::integer_sequence<int, R...>) {
  return {tile<R + 1, W>...};
}
using Heights = std::make_integer_sequence<int, kRows>;
constexpr auto kNarrowTiles = tiles<kLanes>(Heights{}), kWideTiles = tiles<kWide>(Heights{});

// Two halves of a deck, card by card: 0 h 1 h+1 2 h+2 …
void riffle(const Scalar* __restrict from, Scalar* __restrict to) {
  constexpr int half = kSquare * kLanes / 2;
#pragma omp simd
  for (int i = 0; i < half; ++i) {
    to[2 * i] = from[i];
    to[2 * i + 1] = from[i + half];
  }
}

// panel (depth,kWide) = b (depth,cols), zeros beyond.
void pack_transposed(In b, int depth, int cols, Scalar* panel) {
  alignas(64) Scalar deck[kSquare * kLanes] = {}, other[kSquare * kLanes];
  for (int j0 = 0; j0 < cols; j0 += kSquare)
    for (int k0 = 0; k0 < depth; k0 += kLanes) {
      const int js = std::min(kSquare, cols - j0), ks = std::min(kLanes, depth - k0);
      for (int j = 0; j < js; ++j) {
        const Scalar* from = b.at + (j0 + j) * b.col + k0;
        if (ks == kLanes) {
#pragma omp simd
          for (int k = 0; k < kLanes; ++k) deck[j * kLanes + k] = from[k];
        } else {
          for (int k = 0; k < ks; ++k) deck[j * kLanes + k] = from[k];
        }
      }
      for (int cards = kSquare; cards > 1; cards /= 4) riffle(deck, other), riffle(other, deck);
      for (int k = 0; k < ks; ++k) {
#pragma omp simd
        for (int j = 0; j < kSquare; ++j) panel[(k0 + k) * kWide + j0 + j] = deck[k * kSquare + j];
      }
    }
}

void pack_rows(In b, int depth, int cols, Scalar* panel) {
  for (int k = 0; k < depth; ++k, panel += kWide, b.at += b.row) {
    if (cols == kWide) {
#pragma omp simd
      for (int j = 0; j < kWide; ++j) panel[j] = b.at[j];
    } else {
      for (int j = 0; j < cols; ++j) panel[j] = b.at[j];
    }
  }
}

struct alignas(64) Line {
  Scalar values[64 / sizeof(Scalar)];
};

struct Job {
  In a, b;
  Out c;
  int rows, cols, depth;
};

void run_tile(int depth, int rows, int cols, In a, In b, Out c, bool add) {
  const bool narrow = cols <= kLanes;
  const Tile run = (narrow ? kNarrowTiles : kWideTiles)[static_cast<std::size_t>(rows - 1)];
  if (c.col == 1 && cols == (narrow ? kLanes : kWide))
    return run(depth, a.at, a.row, a.col, b.at, b.row, c.at, c.row, add);
  Scalar edge[kRows * kWide];
  if (add)
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < cols; ++j) edge[i * kWide + j] = c.at[i * c.row + j * c.col];
  run(depth, a.at, a.row, a.col, b.at, b.row, edge, kWide, add);
  if (c.col == 1)
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < cols; ++j) c.at[i * c.row + j] = edge[i * kWide + j];
  else
    for (int j = 0; j < cols; ++j)
      for (int i = 0; i < rows; ++i) c.at[i * c.row + j * c.col] = edge[i * kWide + j];
}

// c (rows,cols) = a (rows,depth) b (depth,cols) on one thread.
void multiply(const Job& p) {
  if (p.rows <= 0 || p.cols <= 0) return;
  thread_local std::vector<Line> buffer;
  const int slices = (p.depth + kDepth - 1) / kDepth, slice = (p.depth + slices - 1) / slices;
  const int bands = (p.rows + kRows - 1) / kRows;
  const int strips = std::min(kStrips, (p.cols + kWide - 1) / kWide);
  buffer.resize(static_cast<std::size_t>(strips * slice) * kWide / kLanes);
  In panels[kStrips] = {};
  for (int j0 = 0; j0 < p.cols; j0 += kStrips * kWide)
    for (int k0 = 0; k0 < p.depth; k0 += slice) {
      const int depth = std::min(slice, p.depth - k0), j1 = std::min(p.cols, j0 + kStrips * kWide);
      for (int j = j0, s = 0; j < j1; j += kWide, ++s) {
        const int cols = std::min(kWide, j1 - j);
        const In b = p.b.from(k0, j);
        Scalar* panel = buffer.data()->values + s * slice * kWide;
        panels[s] = {panel, kWide, 1};
        if (b.col != 1)
          pack_transposed(b, depth, cols, panel);
        else if (p.rows > PACKROWS || cols % kLanes != 0)
          pack_rows(b, depth, cols, panel);
        else
          panels[s] = b;
      }
      for (int band = 0; band < bands; ++band) {
        const Index i0 = Index(p.rows) * band / bands, i1 = Index(p.rows) * (band + 1) / bands;
        for (int j = j0, s = 0; j < j1; j += kWide, ++s)
          run_tile(depth, static_cast<int>(i1 - i0), std::min(kWide, j1 - j), p.a.from(i0, k0),
                   panels[s], p.c.from(i0, j), k0 > 0);
      }
    }
}

void share(Job p, int thread, int threads) {
  if (threads > 1) {
    const int strips = (p.cols + kWide - 1) / kWide;
    const int by_cols = (strips + threads - 1) / threads * kWide,
              by_rows = (p.rows + threads - 1) / threads;
    if (double(by_cols) * p.rows <= double(by_rows) * strips * kWide) {
      const int j0 = std::min(p.cols, strips * thread / threads * kWide),
                j1 = std::min(p.cols, strips * (thread + 1) / threads * kWide);
      p = {p.a, p.b.from(0, j0), p.c.from(0, j0), p.rows, j1 - j0, p.depth};
    } else {
      const int i0 = int(Index(p.rows) * thread / threads),
                i1 = int(Index(p.rows) * (thread + 1) / threads);
      p = {p.a.from(i0, 0), p.b, p.c.from(i0, 0), i1 - i0, p.cols, p.depth};
    }
  }
  multiply(p);
}

// The smallest products are over before a tile is set up.
void plain(In a, In b, int depth, Out c, int rows, int cols) {
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < cols; ++j) {
      Scalar sum = 0;
      for (int k = 0; k < depth; ++k)
        sum += a.at[i * a.row + k * a.col] * b.at[k * b.row + j * b.col];
      c.at[i * c.row + j] = sum;
    }
}

void product(In a, In b, int depth, Matrix& out) {
  const int rows = out.rows(), cols = out.cols();
  const Out c{out.flat().data(), cols, 1};
  if (out.size() == 0) return;
  if (depth == 0) {
    std::fill(out.flat().begin(), out.flat().end(), Scalar(0));
    return;
  }
  if (double(rows) * cols * depth < 1000) return plain(a, b, depth, c, rows, cols);
  int threads = 1;
#ifdef _OPENMP
  const double work = double(rows) * cols * depth;
  if (work > 2e5) threads = omp_get_max_threads();
#endif
  int tail = cols % kLanes;
  const bool in_place = a.row == 1;  // a^T
  if (tail > (in_place ? kRows : 4) || rows < 2 * kLanes || (!in_place && cols < kWide)) tail = 0;
  const int main = cols - tail;
  const Job whole{a, b, c, rows, main, depth};
  const Job rest{b.from(0, main).transposed(),
                 a.transposed(),
                 c.from(0, main).transposed(),
                 tail,
                 rows,
                 depth};
  if (threads == 1) {
    multiply(whole);
    multiply(rest);
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; ++t) {
    share(whole, t, threads);
    share(rest, t, threads);
  }
}

void fit(const Matrix& a, const Matrix& b, Matrix& c, int rows, int cols) {
  require(&c != &a && &c != &b, "matmul: the result must not be one of the factors");
  if (c.rows() != rows || c.cols() != cols) c = Matrix(rows, cols);
}

}  // namespace

void matmul(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul: columns of a, rows of b", a.cols(), b.rows());
  fit(a, b, c, a.rows(), b.cols());
  product({a.flat().data(), a.cols(), 1}, {b.flat().data(), b.cols(), 1}, a.cols(), c);
}
void matmul_tn(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul_tn: rows of a, rows of b", a.rows(), b.rows());
  fit(a, b, c, a.cols(), b.cols());
  product({a.flat().data(), 1, a.cols()}, {b.flat().data(), b.cols(), 1}, a.rows(), c);
}
void matmul_nt(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul_nt: columns of a, columns of b", a.cols(), b.cols());
  fit(a, b, c, a.rows(), b.rows());
  product({a.flat().data(), a.cols(), 1}, {b.flat().data(), 1, b.cols()}, a.cols(), c);
}

Matrix matmul(const Matrix& a, const Matrix& b) {
  Matrix c;
  matmul(a, b, c);
  return c;
}
Matrix matmul_tn(const Matrix& a, const Matrix& b) {
  Matrix c;
  matmul_tn(a, b, c);
  return c;
}
Matrix matmul_nt(const Matrix& a, const Matrix& b) {
  Matrix c;
  matmul_nt(a, b, c);
  return c;
}

}  // namespace gradus
