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

struct Plan {
  int MR, NR, KC, NC;
  bool pack_a, pack_b;
  bool shift;  // a last strip that sticks out of c moves left
  int threads;
  bool by_rows;  // what threads share: the rows of c, or its strips
};

constexpr int ceil_div(int count, int size) { return (count + size - 1) / size; }

double multiply_adds(const Product& p) { return 1.0 * p.rows * p.cols * p.depth; }

// Setting up tiles costs as much as some hundred multiply-adds. (They cannot do a depth of 0.)
bool too_small_for_tiles(const Product& p) { return multiply_adds(p) < 1000; }

// Waking a thread takes some 4 us, about 12 000 cycles with two multiply-adds of vectors in each.
[[maybe_unused]] bool worth_waking_threads(const Product& p) {
  return multiply_adds(p) > 12'000 * 2 * lanes;
}

// Threads that share strips pack a part of b each; threads that share rows, all of it. So they share
// rows if there are many, or if with strips one thread would have a greater part of the work.
bool shares_rows(const Product& p, int NR, int threads) {
  const double strips = ceil_div(p.cols, NR), most_strips = ceil_div(ceil_div(p.cols, NR), threads);
  const double rows = p.rows, most_rows = ceil_div(p.rows, threads);
  return rows >= std::max(2 * p.depth, 8 * threads) || most_strips / strips > most_rows / rows;
}

// A row of a slice fills a page: a band needs MR pages, and the processor knows about a hundred by
// heart (its TLB). Where a is a transpose, each step of k lies in a line of the cache of its own, which
// the next bands read on: half of the first cache holds so many. All slices are nearly equal.
int slice_depth(const Product& p) {
  static const int page = 4096 / sizeof(Scalar), lines = static_cast<int>(cache_bytes(1) / 2 / 64);
  return ceil_div(p.depth, ceil_div(p.depth, p.a.row == 1 ? lines : page));
}

// The panels of a block stay in the second cache: of its 8 ways one is left to a, and one to c.
int block_columns(int NR, int KC) {
  static const auto numbers = static_cast<int>(cache_bytes(2) / 8 * 6 / sizeof(Scalar));
  return std::max(1, numbers / (KC * NR)) * NR;
}

// To copy a vector takes as long as some multiply-adds. What a tile gains, which reads along the lines
// of a panel instead of far jumps, is less: so many tiles must read it.
constexpr int readers_worth_packing = 16;

// A tile reads rows of b: where b is a transpose, only packing makes them.
bool packs_b(const Product& p, int bands) { return p.b.col != 1 || bands >= readers_worth_packing; }

// Rows of a are read along their lines. A transpose of a single band is as narrow as a panel.
bool packs_a(const Product& p, int bands, int strips) {
  return p.a.row == 1 && bands > 1 && strips >= readers_worth_packing;
}

// For tiles so many vectors wide.
Plan plan_for(const Product& p, int vectors, int threads, bool by_rows) {
  const int MR = tile_rows[vectors], NR = vectors * lanes;
  by_rows = by_rows || shares_rows(p, NR, threads);
  const int bands = ceil_div(by_rows ? ceil_div(p.rows, threads) : p.rows, MR);  // of one thread
  const int strips = ceil_div(ceil_div(p.cols, NR), by_rows ? 1 : threads);
  const int KC = slice_depth(p);
  const bool pack_b = packs_b(p, bands);
  return {.MR = MR,
          .NR = NR,
          .KC = KC,
          .NC = block_columns(NR, KC),
          .pack_a = packs_a(p, bands, strips),
          .pack_b = pack_b,
          .shift = !pack_b && KC == p.depth,
          .threads = threads,
          .by_rows = by_rows};
}

struct Part {
  Product product;
  Plan plan;
};

// Where a is a transpose, the columns that do not fill a vector are computed as the transpose,
// c^T = b^T a, whose vectors run along the rows of c and are full; a narrow c is turned whole.
int columns_turned(const Product& p) {
  const int ragged = p.cols <= tile_rows[2] ? p.cols : p.cols % lanes;
  return p.a.row == 1 && ragged <= tile_rows[2] && p.rows >= 2 * lanes ? ragged : 0;
}

// Tiles are two vectors wide; of an odd number of vectors the last tile takes three, or the only one.
int columns_in_pairs(int cols) {
  const int vectors = ceil_div(cols, lanes);
  return vectors % 2 == 0 ? cols : std::max(0, vectors - 3) * lanes;
}

// Where the last tile sticks out of c it moves left: some columns are computed twice, to the same bits.
// Not where slices are added; and threads must share rows, so that one thread writes both.
bool last_tile_moves_left(const Product& p, int cols, int pairs) {
  return cols % lanes != 0 && 0 < pairs && pairs < cols && slice_depth(p) == p.depth;
}

Product columns(const Product& p, int from, int to) {
  return {p.a, p.b.from(0, from), p.c.from(0, from), p.rows, to - from, p.depth};
}

Product transposed(const Product& p) {
  return {p.b.transposed(), p.a.transposed(), p.c.transposed(), p.cols, p.rows, p.depth};
}

std::vector<Part> plan(const Product& p, int threads) {
  const int straight = p.cols - columns_turned(p), pairs = columns_in_pairs(straight);
  const bool moves = last_tile_moves_left(p, straight, pairs);
  std::vector<Part> parts;
  const auto add = [&](const Product& part, int vectors, bool by_rows) {
    if (part.rows > 0 && part.cols > 0)
      parts.push_back({part, plan_for(part, vectors, threads, by_rows)});
  };
  add(columns(p, 0, pairs), 2, moves);
  add(columns(p, moves ? straight - 3 * lanes : pairs, straight), straight > lanes ? 3 : 1, moves);
  add(transposed(columns(p, straight, p.cols)), 2, false);
  return parts;
}

// What thread t does of a part: some rows of c, or some strips.
Product share(const Part& part, int t) {
  const auto& [p, plan] = part;
  const int size = plan.by_rows ? 1 : plan.NR, all = plan.by_rows ? p.rows : p.cols;
  const auto cut = [&](int i) {
    return std::min(all, static_cast<int>(Index(ceil_div(all, size)) * i / plan.threads) * size);
  };
  const int from = cut(t), count = cut(t + 1) - from;
  if (plan.by_rows) return {p.a.from(from, 0), p.b, p.c.from(from, 0), count, p.cols, p.depth};
  return {p.a, p.b.from(0, from), p.c.from(0, from), p.rows, count, p.depth};
}

// ---- the loops ----

// Loops 3 and 2, from the innermost: the bands, nearly equally high, and the strips that each meets.
template <int V>
void block(const Product& p, const Plan& plan, bool add) {
  constexpr int MR = tile_rows[V], NR = V * lanes;
  thread_local std::vector<CacheLine> panels_of_b, panel_of_a;
  const bool shift = plan.shift && p.cols > NR;
  const int in_place = plan.pack_b ? 0 : shift ? p.cols : p.cols / NR * NR;  // columns of b itself
  Scalar* const panels = buffer(panels_of_b, Index(p.cols - in_place + NR) * p.depth);
  const auto pack_b = p.b.col == 1 ? pack<NR> : pack_transposed<NR>;
  pack_b(p.b.from(0, in_place), p.depth, p.cols - in_place, panels);
  const int bands = ceil_div(p.rows, MR);
  for (int band = 0; band < bands; ++band) {
    const int i = static_cast<int>(Index(p.rows) * band / bands);
    const int rows = static_cast<int>(Index(p.rows) * (band + 1) / bands) - i;
    Strided<const Scalar> a = p.a.from(i, 0);
    if (plan.pack_a) {
      Scalar* const panel = buffer(panel_of_a, Index(MR) * p.depth);
      pack<MR>(a.transposed(), p.depth, rows, panel);
      a = {panel, 1, MR};
    }
    for (int strip = 0; strip < p.cols; strip += NR) {
      const int j = shift ? std::min(strip, p.cols - NR) : strip;
      const auto b = j < in_place
                         ? p.b.from(0, j)
                         : Strided<const Scalar>{panels + Index(j - in_place) * p.depth, NR, 1};
      tile<V>({a, b, p.c.from(i, j), rows, std::min(NR, p.cols - j), p.depth}, add);
    }
  }
}

// Loops 5 and 4: the blocks, and the slices of each.
template <int V>
void multiply(const Product& p, const Plan& plan) {
  for (int j = 0; j < p.cols; j += plan.NC)
    for (int k = 0; k < p.depth; k += plan.KC)
      block<V>({p.a.from(0, k), p.b.from(k, j), p.c.from(0, j), p.rows,
                std::min(plan.NC, p.cols - j), std::min(plan.KC, p.depth - k)},
               plan, k > 0);
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
  const std::vector<Part> parts = plan(p, threads);
  const auto work = [&](int t) {
    for (const Part& part : parts) {
      const auto loops = part.plan.NR == lanes       ? multiply<1>
                         : part.plan.NR == 2 * lanes ? multiply<2>
                                                     : multiply<3>;
      loops(share(part, t), part.plan);
    }
  };
  if (threads == 1) return work(0);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; ++t) work(t);
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
