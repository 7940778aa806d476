// How a product is computed, from the inside out; chapter 10 takes the same steps one at a time.
//
//   tile       R x (V vectors) of c, every sum in a register          common/tile.hpp
//   panel      what a strip of tiles reads of b (or of a), packed side by side where that pays
//   block      all tiles that read a few panels: as many as the second cache holds
//   multiply   all blocks, on one thread
//   product    cuts c into parts: for the threads, and so that few lanes are idle
//
// Each element of c is the same chain of multiply-adds whichever tile it falls in, so neither the
// shape of the tiles nor the number of threads changes a bit of it.
#include "common/matmul.hpp"

#include <algorithm>
#include <vector>

#include "common/require.hpp"
#include "common/tile.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus {
namespace {

constexpr int panel_depth = 4096 / static_cast<int>(sizeof(Scalar));      // rows of b in a panel
constexpr int panel_numbers = 524288 / static_cast<int>(sizeof(Scalar));  // half of a 1 MB L2 cache
constexpr int rows_worth_packing = 200;       // with fewer rows of c, b is read where it lies
constexpr double work_worth_packing_a = 8e6;  // multiply-adds
constexpr double work_for_tiles = 1e3;        // with less a plain loop is done first
[[maybe_unused]] constexpr double work_for_threads = 5e5;  // waking a thread costs some 4 us

double work(Index rows, Index cols, Index depth) {  // multiply-adds
  return static_cast<double>(rows) * static_cast<double>(cols) * static_cast<double>(depth);
}

// Where a is a transpose, a tile reads each k from another page of memory, and the processor knows
// about a hundred pages by heart (its TLB): hence shorter slices, and in a large product a is packed.
int deepest_slice(Strided<const Scalar> a) { return a.row == 1 ? panel_depth / 4 : panel_depth; }

// b is packed where that pays, then a is read band by band of tiles. Where b is not packed, a last
// strip that sticks out of c moves left and computes some columns twice, to the same bits; where that
// would add twice, it alone is packed.
template <int V>
void block(const Block& p, bool add) {
  constexpr int R = tile_rows[V], W = V * lanes;
  thread_local std::vector<CacheLine> panels_of_b, panel_of_a;
  const bool pack_b = p.b.col != 1 || p.rows > rows_worth_packing;
  const bool pack_a = p.a.row == 1 &&  // a.col: how many rows all threads have together
                      work(p.a.col, p.cols, p.depth) > work_worth_packing_a;
  const bool shift = !pack_b && !add && p.cols > W;
  Scalar* const panels = buffer(panels_of_b, Index(p.cols + W) * p.depth);
  const auto panel = [&](int j) { return panels + Index(j) * p.depth; };
  const auto packed = [&](int j) { return pack_b || (!shift && p.cols - j < W); };
  for (int j = 0; j < p.cols; j += W)
    if (packed(j)) {
      const auto pack_strip = p.b.col == 1 ? pack<W> : pack_transposed<W>;
      pack_strip(p.b.from(0, j), p.depth, std::min(W, p.cols - j), panel(j));
    }
  const int bands = (p.rows + R - 1) / R;  // nearly equally high
  for (int band = 0; band < bands; ++band) {
    const int i0 = static_cast<int>(Index(p.rows) * band / bands);
    const int rows = static_cast<int>(Index(p.rows) * (band + 1) / bands) - i0;
    Strided<const Scalar> a = p.a.from(i0, 0);
    if (pack_a) {
      Scalar* const rows_of_a = buffer(panel_of_a, Index(R) * p.depth);
      pack<R>(a.transposed(), p.depth, rows, rows_of_a);
      a = {rows_of_a, 1, R, rows_of_a + Index(R) * p.depth};
    }
    for (int strip = 0; strip < p.cols; strip += W) {
      const int j = shift ? std::min(strip, p.cols - W) : strip;
      const auto b =
          packed(j) ? Strided<const Scalar>{panel(j), W, 1, panel(j + W)} : p.b.from(0, j);
      run_tile<V>({a, b, p.c.from(i0, j), rows, std::min(W, p.cols - j), p.depth}, add);
    }
  }
}

template <int V>  // tiles V vectors wide
void multiply(const Block& p) {
  if (p.rows <= 0) return;
  constexpr int W = V * lanes;
  const int deepest = deepest_slice(p.a), slices = (p.depth + deepest - 1) / deepest;
  const int slice = (p.depth + slices - 1) / slices;
  const int cols = std::max(1, panel_numbers / (slice * W)) * W;
  for (int j = 0; j < p.cols; j += cols)
    for (int k = 0; k < p.depth; k += slice)
      block<V>({p.a.from(0, k), p.b.from(k, j), p.c.from(0, j), p.rows, std::min(cols, p.cols - j),
                std::min(slice, p.depth - k)},
               k > 0);
}

// What thread t of so many does: some strips of columns, each packing its own part of b; or some rows
// if that is fairer, or if there are so many that packing all of b in each thread costs little. Two
// threads whose columns meet in a cache line take it from each other at every row.
template <int V>
void share(const Block& p, int t, int threads, bool by_rows) {
  const auto cut = [&](int count, int i) { return static_cast<int>(Index(count) * i / threads); };
  const int strips = (p.cols + V * lanes - 1) / (V * lanes);
  const double most_strips = (strips + threads - 1) / threads;
  const double most_rows = (p.rows + threads - 1) / threads;
  if (by_rows || p.rows >= std::max(2 * p.depth, 8 * threads) ||
      most_strips * p.rows > most_rows * strips) {
    const int i0 = cut(p.rows, t), i1 = cut(p.rows, t + 1);
    multiply<V>({p.a.from(i0, 0), p.b, p.c.from(i0, 0), i1 - i0, p.cols, p.depth});
  } else {
    const int j0 = cut(strips, t) * V * lanes;
    const int j1 = std::min(p.cols, cut(strips, t + 1) * V * lanes);
    multiply<V>({p.a, p.b.from(0, j0), p.c.from(0, j0), p.rows, j1 - j0, p.depth});
  }
}

// The smallest products are over before a tile is set up. So is a depth of 0, which tiles cannot do.
void plain(Strided<const Scalar> a, Strided<const Scalar> b, int depth, Matrix& c) {
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < c.cols(); ++j) {
      Scalar sum = 0;
      for (int k = 0; k < depth; ++k) sum += *a.from(i, k).at * *b.from(k, j).at;
      c(i, j) = sum;
    }
}

// Most of c in tiles two vectors wide; an odd vector makes the last tile three wide. If that one
// sticks out of c it moves left (not when depth comes in slices, which add), and the threads share
// rows, so that one thread writes what is computed twice. Where a is a transpose, the columns that do
// not fill a vector are computed as the transpose c^T = b^T a, whose vectors run along the rows of c
// and are full; a narrow c is turned whole.
void product(Strided<const Scalar> a, Strided<const Scalar> b, int depth, Matrix& result) {
  const int rows = result.rows(), cols = result.cols();
  if (result.size() == 0) return;
  if (work(rows, cols, depth) < work_for_tiles) return plain(a, b, depth, result);
  int threads = 1;
#ifdef _OPENMP
  if (work(rows, cols, depth) > work_for_threads) threads = omp_get_max_threads();
#endif
  const Strided<Scalar> c{result.flat().data(), cols, 1, result.flat().data() + result.size()};
  const int ragged = cols <= tile_rows[2] ? cols : cols % lanes;
  const bool turn = a.row == 1 && ragged <= tile_rows[2] && rows >= 2 * lanes;
  const int straight = turn ? cols - ragged : cols, vectors = (straight + lanes - 1) / lanes;
  const int pairs = vectors % 2 == 0 ? straight : std::max(0, vectors - 3) * lanes;
  const bool overlap =
      straight % lanes != 0 && pairs > 0 && pairs < straight && depth <= deepest_slice(a);
  const int last = overlap ? straight - 3 * lanes : pairs;
  const Block even{a, b, c, rows, pairs, depth};
  const Block odd{a, b.from(0, last), c.from(0, last), rows, straight - last, depth};
  const Block rest{b.from(0, straight).transposed(),
                   a.transposed(),
                   c.from(0, straight).transposed(),
                   cols - straight,
                   rows,
                   depth};
  const auto cover = [&](int t) {
    share<2>(even, t, threads, overlap);
    odd.cols > lanes ? share<3>(odd, t, threads, overlap) : share<1>(odd, t, threads, overlap);
    share<2>(rest, t, threads, false);
  };
  if (threads == 1) return cover(0);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; ++t) cover(t);
}

Strided<const Scalar> view(const Matrix& m) {
  return {m.flat().data(), m.cols(), 1, m.flat().data() + m.size()};
}

void fit(const Matrix& a, const Matrix& b, Matrix& c, int rows, int cols) {
  require(&c != &a && &c != &b, "matmul: the result must not be one of the factors");
  if (c.rows() != rows || c.cols() != cols) c = Matrix(rows, cols);
}

}  // namespace

void matmul(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul: columns of a, rows of b", a.cols(), b.rows());
  fit(a, b, c, a.rows(), b.cols());
  product(view(a), view(b), a.cols(), c);
}

void matmul_tn(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul_tn: rows of a, rows of b", a.rows(), b.rows());
  fit(a, b, c, a.cols(), b.cols());
  product(view(a).transposed(), view(b), a.rows(), c);
}

void matmul_nt(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul_nt: columns of a, columns of b", a.cols(), b.cols());
  fit(a, b, c, a.rows(), b.rows());
  product(view(a), view(b).transposed(), a.cols(), c);
}

Matrix matmul(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.cols());
  matmul(a, b, c);
  return c;
}

Matrix matmul_tn(const Matrix& a, const Matrix& b) {
  Matrix c(a.cols(), b.cols());
  matmul_tn(a, b, c);
  return c;
}

Matrix matmul_nt(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.rows());
  matmul_nt(a, b, c);
  return c;
}

}  // namespace gradus
