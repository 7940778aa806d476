// Differs from the reference: some sums run from the last term to the first, whole rows are added
// by transforms, tiles are 4 x 8 objects that shrink at the bottom edge and are clipped at the
// right one, loops run over intervals, and a thread takes the next strip when one is done.
#include "chapters/10_matmul/matmul.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradus {
namespace {

void expect_equal(int left, int right, const char* what) {
  if (left == right) return;
  throw std::invalid_argument(std::string("cannot multiply: ") + what + " differ, " +
                              std::to_string(left) + " is not " + std::to_string(right));
}

// The zero matrix that a b will fill.
Matrix product_of(const Matrix& a, const Matrix& b) {
  expect_equal(a.cols(), b.rows(), "columns of the left and rows of the right");
  return Matrix(a.rows(), b.cols());
}

// y += s x
void add_scaled(std::span<const Scalar> x, Scalar s, std::span<Scalar> y) {
  std::transform(x.begin(), x.end(), y.begin(), y.begin(),
                 [s](Scalar from, Scalar to) { return to + s * from; });
}

// first … last - 1
struct Interval {
  int first, last;
  int length() const { return last - first; }
};

// 0 … length - 1 in pieces of `step`, the last one perhaps shorter.
std::vector<Interval> cut(int length, int step) {
  std::vector<Interval> parts;
  for (int first = 0; first < length;) {
    const int last = length - first > step ? first + step : length;
    parts.push_back({first, last});
    first = last;
  }
  return parts;
}

constexpr int tile_height = 4, tile_width = 8;

// Up to 4 x 8 sums that stay in registers.
class Tile {
 public:
  // Adds column k of some rows of a, times 8 elements of row k of b.
  void add(const Matrix& a, Interval rows, int k, const Scalar* b) {
    for (int i = 0; i < rows.length(); ++i) {
      const Scalar factor = a(rows.first + i, k);
      for (int j = 0; j < tile_width; ++j) sums_[i][j] += factor * b[j];
    }
  }
  void load(const Matrix& c, Interval rows, Interval cols) {
    for (int i = 0; i < rows.length(); ++i)
      std::copy_n(c.row(rows.first + i).begin() + cols.first, cols.length(), sums_[i].begin());
  }
  void store(Matrix& c, Interval rows, Interval cols) const {
    for (int i = 0; i < rows.length(); ++i)
      std::copy_n(sums_[i].begin(), cols.length(), c.row(rows.first + i).begin() + cols.first);
  }

 private:
  std::array<std::array<Scalar, tile_width>, tile_height> sums_{};
};

// Some columns of some rows of b, copied side by side, with zeros up to the full width.
class Panel {
 public:
  Panel(const Matrix& b, Interval rows, Interval cols)
      : first_(rows.first), values_(static_cast<std::size_t>(rows.length()) * tile_width) {
    for (int k = rows.first; k < rows.last; ++k)
      for (int j = 0; j < cols.length(); ++j) at(k)[j] = b(k, cols.first + j);
  }
  const Scalar* row(int k) const { return values_.data() + (k - first_) * tile_width; }

 private:
  Scalar* at(int k) { return values_.data() + (k - first_) * tile_width; }
  int first_;
  std::vector<Scalar> values_;
};

// The columns `cols` of c: each band of four rows of a meets the panel.
void multiply_panel(const Matrix& a, const Matrix& b, Interval cols, Matrix& c) {
  const Panel panel(b, {0, b.rows()}, cols);
  for (const Interval rows : cut(c.rows(), tile_height)) {
    Tile tile;
    for (int k = 0; k < a.cols(); ++k) tile.add(a, rows, k, panel.row(k));
    tile.store(c, rows, cols);
  }
}

}  // namespace

// ---- 1. the definition ----

Matrix multiply_ijk(const Matrix& a, const Matrix& b) {
  Matrix c = product_of(a, b);
  for (int i = 0; i < a.rows(); ++i)
    for (int j = 0; j < b.cols(); ++j) {
      Scalar sum = 0;
      for (int k = a.cols(); k-- > 0;) sum += a(i, k) * b(k, j);
      c(i, j) = sum;
    }
  return c;
}

// ---- 2. the loops reordered ----

Matrix multiply_ikj(const Matrix& a, const Matrix& b) {
  Matrix c = product_of(a, b);
  for (int i = 0; i < a.rows(); ++i)
    for (int k = a.cols(); k-- > 0;) add_scaled(b.row(k), a(i, k), c.row(i));
  return c;
}

// ---- 3. blocks that fit the cache ----

Matrix multiply_blocked(const Matrix& a, const Matrix& b, int block) {
  if (block <= 0) throw std::invalid_argument("a block has at least one row and one column");
  Matrix c = product_of(a, b);
  for (const Interval cols : cut(b.cols(), block))
    for (const Interval depth : cut(b.rows(), block))
      for (int i = 0; i < a.rows(); ++i)
        for (int k = depth.first; k < depth.last; ++k)
          add_scaled(b.row(k).subspan(cols.first, cols.length()), a(i, k),
                     c.row(i).subspan(cols.first, cols.length()));
  return c;
}

// ---- 4. a tile in registers ----

Matrix multiply_tiled(const Matrix& a, const Matrix& b) {
  Matrix c = product_of(a, b);
  for (const Interval rows : cut(c.rows(), tile_height))
    for (const Interval cols : cut(c.cols(), tile_width)) {
      if (cols.length() < tile_width) {  // what no whole tile covers
        for (int i = rows.first; i < rows.last; ++i)
          for (int k = 0; k < a.cols(); ++k)
            add_scaled(b.row(k).subspan(cols.first), a(i, k), c.row(i).subspan(cols.first));
        continue;
      }
      Tile tile;
      for (int k = 0; k < a.cols(); ++k) tile.add(a, rows, k, &b.row(k)[cols.first]);
      tile.store(c, rows, cols);
    }
  return c;
}

// ---- 5. a packed panel of b ----

Matrix multiply_packed(const Matrix& a, const Matrix& b) {
  Matrix c = product_of(a, b);
  for (const Interval cols : cut(c.cols(), tile_width)) multiply_panel(a, b, cols, c);
  return c;
}

// ---- 6. threads ----

Matrix multiply_threaded(const Matrix& a, const Matrix& b) {
  Matrix c = product_of(a, b);
  const std::vector<Interval> strips = cut(c.cols(), tile_width);
  const int count = static_cast<int>(strips.size());
#pragma omp parallel for schedule(dynamic)
  for (int s = 0; s < count; ++s) multiply_panel(a, b, strips[s], c);
  return c;
}

// ---- 7. slices of k ----

// The slices run from the last to the first, and each tile keeps what c already holds.
Matrix multiply_sliced(const Matrix& a, const Matrix& b, int depth) {
  if (depth <= 0) throw std::invalid_argument("a slice has at least one step");
  Matrix c = product_of(a, b);
  std::vector<Interval> slices = cut(a.cols(), depth);
  std::reverse(slices.begin(), slices.end());
  const std::vector<Interval> strips = cut(c.cols(), tile_width);
  const int count = static_cast<int>(strips.size());
  for (const Interval slice : slices) {
#pragma omp parallel for schedule(dynamic)
    for (int s = 0; s < count; ++s) {
      const Panel panel(b, slice, strips[s]);
      for (const Interval rows : cut(c.rows(), tile_height)) {
        Tile tile;
        tile.load(c, rows, strips[s]);
        for (int k = slice.first; k < slice.last; ++k) tile.add(a, rows, k, panel.row(k));
        tile.store(c, rows, strips[s]);
      }
    }
  }
  return c;
}

// ---- transposed products ----

Matrix multiply_tn(const Matrix& a, const Matrix& b) {
  expect_equal(a.rows(), b.rows(), "rows of both");
  Matrix c(a.cols(), b.cols());
  for (int k = 0; k < a.rows(); ++k)
    for (int i = 0; i < a.cols(); ++i) add_scaled(b.row(k), a(k, i), c.row(i));
  return c;
}

Matrix multiply_nt(const Matrix& a, const Matrix& b) {
  expect_equal(a.cols(), b.cols(), "columns of both");
  Matrix c(a.rows(), b.rows());
  for (int j = 0; j < b.rows(); ++j)
    for (int i = 0; i < a.rows(); ++i) {
      const auto left = a.row(i), right = b.row(j);
      c(i, j) = std::inner_product(left.rbegin(), left.rend(), right.rbegin(), Scalar{0});
    }
  return c;
}

}  // namespace gradus
