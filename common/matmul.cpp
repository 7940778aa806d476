// How a product is computed: first a plan, each decision a function with its reason; then the loops,
// which decide nothing. Chapter 10 climbs here rung by rung. Our names beside those of the field (Goto
// and van de Geijn 2008; Van Zee and van de Geijn 2015):
//
//   tile     micro-kernel          MR x NR of c, every sum in a register             common/tile.hpp
//   panel    packing, micro-panel  a copy, without strides, of what tiles read of b or of a
//   strip    loop 2                NR columns of c
//   band     loop 3                MR rows of c: MC = MR, so that nothing is left for loop 1
//   slice    loop 4                KC steps of k, added to c
//   block    loop 5                NC columns of c
//
// Each element of c is the same chain of multiply-adds whichever tile it falls in, so neither the plan
// nor the number of threads changes a bit of it.
#include "common/matmul.hpp"

#include <algorithm>
#include <vector>

#include "common/hardware.hpp"
#include "common/require.hpp"
#include "common/tile.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus {
namespace {

// ---- the plan ----

// How one thread computes its part of c. Blocks, slices and bands are nearly equal.
struct Plan {
  int blocks, slices, bands;
  bool shift;  // a last strip that sticks out of c moves left
  bool pack_a, pack_b;
};

// Where part i of so many nearly equal ones begins.
int cut(int count, int parts, int i) { return static_cast<int>(Index(count) * i / parts); }

// A strip is two vectors wide; of an odd number the last one has three. (Or c has but one.)
int strips(const Product& p) { return std::max(1, ceil_div(p.cols, lanes) / 2); }

// Where part i of the columns begins, with a strip.
int cut_columns(const Product& p, int parts, int i) {
  return i == parts ? p.cols : cut(strips(p), parts, i) * 2 * lanes;
}

double multiply_adds(const Product& p) { return 1.0 * p.rows * p.cols * p.depth; }

// Setting up tiles costs as much as some hundred multiply-adds. (They cannot do a depth of 0.)
bool too_small_for_tiles(const Product& p) { return multiply_adds(p) < 1000; }

// Waking a thread takes some 4 us, about 12 000 cycles with two multiply-adds of vectors in each.
[[maybe_unused]] bool worth_waking_threads(const Product& p) {
  return multiply_adds(p) > 12'000 * 2 * lanes;
}

// Threads that share strips pack a part of b each; threads that share rows, all of it. So they share
// rows if there are many, or if with strips one thread would have a greater part of the work.
bool shares_rows(const Product& p, int threads) {
  const double all = strips(p), most = ceil_div(strips(p), threads);
  return p.rows >= std::max(2 * p.depth, 8 * threads) ||
         most / all > 1.0 * ceil_div(p.rows, threads) / p.rows;
}

// Where a is a transpose, the columns that do not fill a vector are computed as the transpose,
// c^T = b^T a, whose vectors run along the rows of c and are full; a narrow c is turned whole.
int columns_turned(const Product& p) {
  const int ragged = p.cols <= tile_rows[2] ? p.cols : p.cols % lanes;
  return p.a.row == 1 && ragged <= tile_rows[2] && p.rows >= 2 * lanes ? ragged : 0;
}

// Rows of a tile. Three vectors wide it is done in two halves.
int tallest_band(const Product& p) { return tile_rows[p.cols > lanes ? 2 : 1]; }

// A row of a slice fills a page: a band needs MR pages, and the processor knows about a hundred by
// heart (its TLB). Where a is a transpose, each step of k lies in a line of the cache of its own, which
// the next bands read on: half of the first cache holds so many.
int deepest_slice(const Product& p) {
  static const int page = 4096 / sizeof(Scalar), lines = static_cast<int>(cache_bytes(1) / 2 / 64);
  return p.a.row == 1 ? lines : page;
}

// The panels of a block stay in the second cache: of its 8 ways one is left to a, and one to c. At
// least two strips, so that the last one can be shifted.
int most_strips(int depth) {
  static const auto numbers = static_cast<int>(cache_bytes(2) / 8 * 6 / sizeof(Scalar));
  return std::max(2, numbers / (depth * 2 * lanes));
}

// A last strip that sticks out of c moves left: whole tiles, and nothing behind the end of b is read.
// Some columns are computed twice, to the same bits; not where slices are added.
bool shifts(const Product& p, int slices) { return slices == 1 && strips(p) > 1; }

// To copy a vector takes as long as some multiply-adds. What a tile gains, which reads along the lines
// of a panel instead of far jumps, is less: so many tiles must read it.
constexpr int readers_worth_packing = 16;

// A tile reads whole vectors of rows of b. Where b is a transpose, or ends in a part of a vector, only
// packing makes them.
bool packs_b(const Product& p, int bands, bool shift) {
  return p.b.col != 1 || (p.cols % lanes != 0 && !shift) || bands >= readers_worth_packing;
}

// Rows of a are read along their lines. A transpose of a single band is as narrow as a panel.
bool packs_a(const Product& p, int bands) {
  return p.a.row == 1 && bands > 1 && strips(p) >= readers_worth_packing;
}

Plan plan_for(const Product& p) {
  const int slices = ceil_div(p.depth, deepest_slice(p)), bands = ceil_div(p.rows, tallest_band(p));
  const int blocks = ceil_div(strips(p), most_strips(ceil_div(p.depth, slices)));
  const bool shift = shifts(p, slices);
  return {blocks, slices, bands, shift, packs_a(p, bands), packs_b(p, bands, shift)};
}

// ---- the loops ----

// Loops 3 and 2, counted from the innermost: bands, and the strips that each of them meets.
void block(const Product& p, const Plan& plan, bool add) {
  thread_local std::vector<CacheLine> panels_of_b, panel_of_a;
  const int begin = (strips(p) - 1) * 2 * lanes, width = ceil_div(p.cols - begin, lanes) * lanes;
  const LastStrip last{begin, plan.shift ? p.cols - width : begin, width};
  Scalar* const panels = buffer(panels_of_b, Index(begin + width) * p.depth);
  if (plan.pack_b) pack_strips(p.b, p.depth, p.cols, last, panels);
  for (int band = 0; band < plan.bands; ++band) {
    const int i = cut(p.rows, plan.bands, band), rows = cut(p.rows, plan.bands, band + 1) - i;
    Strided<const Scalar> a = p.a.from(i, 0);
    if (plan.pack_a) {
      Scalar* const panel = buffer(panel_of_a, Index(tile_rows[2]) * p.depth);
      pack<tile_rows[2]>(a.transposed(), p.depth, rows, panel);
      a = {panel, 1, tile_rows[2]};
    }
    const auto strip = [&](int j, int panel, int width) {
      const Strided<const Scalar> packed{panels + Index(panel) * p.depth, width, 1};
      tile({a, plan.pack_b ? packed : p.b.from(0, j), p.c.from(i, j), rows,
            std::min(width, p.cols - j), p.depth},
           add);
    };
    for (int j = 0; j < last.panel; j += 2 * lanes) strip(j, j, 2 * lanes);
    strip(last.from, last.panel, last.width);
  }
}

// Loops 5 and 4: blocks, and the slices of each.
void multiply(const Product& p) {
  if (p.rows == 0 || p.cols == 0) return;
  const Plan plan = plan_for(p);
  for (int b = 0; b < plan.blocks; ++b)
    for (int s = 0; s < plan.slices; ++s) {
      const int j = cut_columns(p, plan.blocks, b), k = cut(p.depth, plan.slices, s);
      block({p.a.from(0, k), p.b.from(k, j), p.c.from(0, j), p.rows,
             cut_columns(p, plan.blocks, b + 1) - j, cut(p.depth, plan.slices, s + 1) - k},
            plan, s > 0);
    }
}

Product rows(const Product& p, int from, int to) {
  return {p.a.from(from, 0), p.b, p.c.from(from, 0), to - from, p.cols, p.depth};
}

Product columns(const Product& p, int from, int to) {
  return {p.a, p.b.from(0, from), p.c.from(0, from), p.rows, to - from, p.depth};
}

Product transposed(const Product& p) {
  return {p.b.transposed(), p.a.transposed(), p.c.transposed(), p.cols, p.rows, p.depth};
}

// What thread t of so many does.
Product share(const Product& p, int threads, int t) {
  return shares_rows(p, threads)
             ? rows(p, cut(p.rows, threads, t), cut(p.rows, threads, t + 1))
             : columns(p, cut_columns(p, threads, t), cut_columns(p, threads, t + 1));
}

void plain(const Product& p) {
  for (int i = 0; i < p.rows; ++i)
    for (int j = 0; j < p.cols; ++j) {
      Scalar sum = 0;
      for (int k = 0; k < p.depth; ++k) sum += *p.a.from(i, k).at * *p.b.from(k, j).at;
      *p.c.from(i, j).at = sum;
    }
}

void run(const Product& p) {
  if (too_small_for_tiles(p)) return plain(p);
  int threads = 1;
#ifdef _OPENMP
  if (worth_waking_threads(p)) threads = omp_get_max_threads();
#endif
  const int straight = p.cols - columns_turned(p);
  const Product most = columns(p, 0, straight), rest = transposed(columns(p, straight, p.cols));
  if (threads == 1) return multiply(most), multiply(rest);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; ++t) {
    multiply(share(most, threads, t));
    multiply(share(rest, threads, t));
  }
}

Strided<const Scalar> view(const Matrix& m) { return {m.flat().data(), m.cols(), 1}; }

// c = a b, of two views.
void product(Strided<const Scalar> a, Strided<const Scalar> b, int rows, int depth, int cols,
             Matrix& c) {
  if (c.rows() != rows || c.cols() != cols) c = Matrix(rows, cols);
  run({a, b, {c.flat().data(), cols, 1}, rows, cols, depth});
}

void require_apart(const Matrix& a, const Matrix& b, const Matrix& c) {
  require(&c != &a && &c != &b, "matmul: the result must not be one of the factors");
}

}  // namespace

void matmul(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul: columns of a, rows of b", a.cols(), b.rows());
  require_apart(a, b, c);
  product(view(a), view(b), a.rows(), a.cols(), b.cols(), c);
}

void matmul_tn(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul_tn: rows of a, rows of b", a.rows(), b.rows());
  require_apart(a, b, c);
  product(view(a).transposed(), view(b), a.cols(), a.rows(), b.cols(), c);
}

void matmul_nt(const Matrix& a, const Matrix& b, Matrix& c) {
  require_same("matmul_nt: columns of a, columns of b", a.cols(), b.cols());
  require_apart(a, b, c);
  product(view(a), view(b).transposed(), a.rows(), a.cols(), b.rows(), c);
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
