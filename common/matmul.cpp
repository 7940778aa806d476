// How a product is computed: first a plan, each decision a function with its reason; then the loops,
// which decide nothing. Chapter 10 climbs here rung by rung. Our names beside those of the field (Goto
// and van de Geijn 2008; Van Zee and van de Geijn 2015):
//
//   tile     micro-kernel          MR x NR of c, every sum in a register             common/tile.hpp
//   panel    packing, micro-panel  a copy, side by side, of what tiles read of b or of a
//   strip    loop 2                NR columns of c
//   band     loop 3                MR rows of c: MC = MR, so that nothing is left for loop 1
//   slice    loop 4                KC steps of k, added to c
//   block    loop 5                NC columns of c
//
// Each element of c is the same chain of multiply-adds whichever tile it falls in, so neither the plan
// nor the number of threads changes a bit of it.
#include "common/matmul.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "common/caches.hpp"
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
  bool shift;  // the last strip moves left where it would stick out of c
  bool pack_a, pack_b;
};

struct Range {
  int from, to;
};

// Range i of so many nearly equal ones.
Range cut(int count, int parts, int i) {
  return {static_cast<int>(Index(count) * i / parts),
          static_cast<int>(Index(count) * (i + 1) / parts)};
}

// A strip is two vectors wide (NR). Of an odd number of vectors the last strip takes three, the last of
// them only in part where that is enough; a c of a single vector is one strip.
int strips(const Product& p) { return std::max(1, ceil_div(p.cols, lanes) / 2); }

Range cut_columns(const Product& p, int parts, int i) {
  const auto [from, to] = cut(strips(p), parts, i);
  return {i == 0 ? 0 : from * 2 * lanes, i + 1 == parts ? p.cols : to * 2 * lanes};
}

Product part(const Product& p, Range i, Range k, Range j) {
  return {p.a.from(i.from, k.from),
          p.b.from(k.from, j.from),
          p.c.from(i.from, j.from),
          i.to - i.from,
          j.to - j.from,
          k.to - k.from};
}

// To set up tiles takes as long as some hundred multiply-adds. (And they cannot do a depth of 0.)
bool too_small_for_tiles(const Product& p) { return 1.0 * p.rows * p.cols * p.depth < 1000; }

double multiply_adds_of_vectors(const Product& p) {
  return 1.0 * p.rows * ceil_div(p.cols, lanes) * p.depth;
}

int all_threads() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

// To wake a thread takes some 4 us: 12 000 cycles, each good for a multiply-add of vectors, or for two.
int threads_for(double multiply_adds_of_vectors) {
  return multiply_adds_of_vectors > 12'000 ? all_threads() : 1;
}

// Threads that share strips pack a part of b each; threads that share rows, all of it. So they share
// rows where there are many, or where the last thread would get a greater part of the columns.
bool shares_rows(const Product& p, int threads) {
  const auto [from, to] = cut_columns(p, threads, threads - 1);
  return p.rows >= std::max(2 * p.depth, 8 * threads) ||
         1.0 * (to - from) / p.cols > 1.0 * ceil_div(p.rows, threads) / p.rows;
}

// Where a is a transpose, the columns of c that fill no vector are computed as the transpose,
// c^T = b^T a, whose vectors run along the rows of c and are full; a narrow c is turned whole.
int columns_turned(const Product& p) {
  const int ragged = p.cols <= tile_rows[2] ? p.cols : p.cols % lanes;
  return p.a.row == 1 && ragged <= tile_rows[2] && p.rows >= 2 * lanes ? ragged : 0;
}

// At each step of k a band reads a number of each of its rows. Rows that are a power of two apart lie in
// the same few sets of the first cache: more of them than it has places for throw each other out before
// they are read again. Each set keeps one way free, for what is read of b.
int rows_in_cache(const Product& p) {
  const Index bytes = p.a.row * Index(sizeof(Scalar)), sets = Index(cache_sets());
  const int ways = std::max(1, static_cast<int>(cache_ways()) - 1);
  return bytes % 64 == 0 ? static_cast<int>(sets / std::gcd(bytes / 64, sets)) * ways : p.rows;
}

// MR: a tile three vectors wide is done in two halves.
int highest_band(const Product& p) {
  const int most = tile_rows[p.cols > lanes ? 2 : 1];
  return p.a.row == 1 ? most : std::min(most, rows_in_cache(p));
}

// KC: a row of a slice fills a page; a band reads MR of them, and the processor knows about a hundred
// pages by heart (its TLB). Where a is a transpose, each step of k lies in a line of the cache of its
// own, in which the next bands read on: so many lines as half of the first cache holds.
int deepest_slice(const Product& p) {
  static const int page = 4096 / sizeof(Scalar), lines = static_cast<int>(cache_bytes(1) / 2 / 64);
  return p.a.row == 1 ? lines : page;
}

// NC / NR: the panels of a block stay in the second cache, of whose 8 ways one is left to a and one to
// c. At least two strips, of which the last can be shifted.
int most_strips(int depth) {
  static const auto numbers = static_cast<int>(cache_bytes(2) / 8 * 6 / sizeof(Scalar));
  return std::max(2, numbers / (depth * 2 * lanes));
}

// A shifted strip has whole vectors, and some columns are computed twice, to the same bits. Not where
// slices are added.
bool shifts(const Product& p, int slices) { return slices == 1 && strips(p) > 1; }

// A tile reads on in a panel line by line, and in b itself a row further down at each step. It gains
// little by that, and to copy a vector costs several multiply-adds: many tiles must read the copy.
constexpr int readers_worth_packing = 16;

// A tile reads whole vectors along the rows of b. Where b is a transpose, or ends within a vector, only
// packing makes them.
bool packs_b(const Product& p, int bands, bool shift) {
  return p.b.col != 1 || (p.cols % piece != 0 && !shift) || bands >= readers_worth_packing;
}

// A transpose lies well as it is if it is one band, as narrow as a panel.
bool packs_a(const Product& p, int bands) {
  return p.a.row == 1 && bands > 1 && strips(p) >= readers_worth_packing;
}

Plan plan_for(const Product& p) {
  const int slices = ceil_div(p.depth, deepest_slice(p)), bands = ceil_div(p.rows, highest_band(p));
  const int blocks = ceil_div(strips(p), most_strips(ceil_div(p.depth, slices)));
  const bool shift = shifts(p, slices);
  return {blocks, slices, bands, shift, packs_a(p, bands), packs_b(p, bands, shift)};
}

// ---- the loops ----

// Loops 3 and 2, counted from the innermost: bands, and the strips that each of them meets.
void block(const Product& p, const Plan& plan, bool add) {
  thread_local std::vector<CacheLine> panels_of_b, panel_of_a;
  const int last = (strips(p) - 1) * 2 * lanes;
  const Strips all{p.cols, last, plan.shift};
  Scalar* const panels = buffer(panels_of_b, Index(last + all.width(last)) * p.depth);
  if (plan.pack_b) (p.b.col == 1 ? pack : pack_transposed)(p.b, p.depth, all, panels);
  for (int band = 0; band < plan.bands; ++band) {
    const auto [i, end] = cut(p.rows, plan.bands, band);
    Strided<const Scalar> a = p.a.from(i, 0);
    if (plan.pack_a) {
      const Strips rows{std::min(p.rows - i, ceil_div(tile_rows[2], lanes) * lanes), 0, false};
      Scalar* const panel = buffer(panel_of_a, Index(rows.width(0)) * p.depth);
      pack(a.transposed(), p.depth, rows, panel);
      a = {panel, 1, rows.width(0)};
    }
    for (int j = 0; j <= last; j += 2 * lanes) {
      const int from = all.from(j), cols = std::min(all.width(j), p.cols - from);
      const Strided<const Scalar> panel{panels + Index(j) * p.depth, all.width(j), 1};
      tile({a, plan.pack_b ? panel : p.b.from(0, from), p.c.from(i, from), end - i, cols, p.depth},
           add);
    }
  }
}

// Loops 5 and 4: blocks, and the slices of each.
void multiply(const Product& p) {
  if (p.rows == 0 || p.cols == 0) return;
  const Plan plan = plan_for(p);
  for (int b = 0; b < plan.blocks; ++b)
    for (int s = 0; s < plan.slices; ++s)
      block(part(p, {0, p.rows}, cut(p.depth, plan.slices, s), cut_columns(p, plan.blocks, b)),
            plan, s > 0);
}

// What thread t of so many does.
Product share(const Product& p, int threads, int t) {
  if (shares_rows(p, threads)) return part(p, cut(p.rows, threads, t), {0, p.depth}, {0, p.cols});
  return part(p, {0, p.rows}, {0, p.depth}, cut_columns(p, threads, t));
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
  const int straight = p.cols - columns_turned(p);
  const Product most = part(p, {0, p.rows}, {0, p.depth}, {0, straight});
  const Product rest = part(p, {0, p.rows}, {0, p.depth}, {straight, p.cols}).transposed();
  const int threads = threads_for(multiply_adds_of_vectors(most) + multiply_adds_of_vectors(rest));
  if (threads == 1) return multiply(most), multiply(rest);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; ++t)
    multiply(share(most, threads, t)), multiply(share(rest, threads, t));
}

struct Factor {
  const Matrix& matrix;
  Strided<const Scalar> at;
  int rows, cols;
};

Factor as_is(const Matrix& m) { return {m, {m.flat().data(), m.cols(), 1}, m.rows(), m.cols()}; }
Factor transposed(const Matrix& m) {
  return {m, {m.flat().data(), 1, m.cols()}, m.cols(), m.rows()};
}

void product(const char* what, const Factor& a, const Factor& b, Matrix& c) {
  require_same(what, a.cols, b.rows);
  require(&c != &a.matrix && &c != &b.matrix, "matmul: the result must not be one of the factors");
  if (c.rows() != a.rows || c.cols() != b.cols) c = Matrix(a.rows, b.cols);
  run({a.at, b.at, {c.flat().data(), b.cols, 1}, a.rows, b.cols, a.cols});
}

}  // namespace

void matmul(const Matrix& a, const Matrix& b, Matrix& c) {
  product("matmul: columns of a, rows of b", as_is(a), as_is(b), c);
}

void matmul_tn(const Matrix& a, const Matrix& b, Matrix& c) {
  product("matmul_tn: rows of a, rows of b", transposed(a), as_is(b), c);
}

void matmul_nt(const Matrix& a, const Matrix& b, Matrix& c) {
  product("matmul_nt: columns of a, columns of b", as_is(a), transposed(b), c);
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
