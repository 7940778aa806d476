// Differs from the reference: elements of c are dot products of gathered columns, or rows of c are
// collected in a buffer; blocks go over all three loops; tiles are 3 x 6 and cut off at the edges
// by their loops; panels hold columns, not rows; a sum is one of even and one of odd steps; slices
// are packed for all strips before threads multiply them.
#include "chapters/10_matmul/matmul.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <stdexcept>
#include <vector>

namespace gradus {
namespace {

using Numbers = std::vector<Scalar>;

void fit(bool fits) {
  if (!fits) throw std::invalid_argument("multiply: shapes that do not fit");
}

Numbers column_of(const Matrix& m, int j) {
  Numbers column;
  for (int i = 0; i < m.rows(); ++i) column.push_back(m(i, j));
  return column;
}

// Σ x_k y_k: first the sum of the even k, then of the odd ones.
Scalar dot(std::span<const Scalar> x, std::span<const Scalar> y) {
  Scalar even = 0, odd = 0;
  for (std::size_t k = 0; k + 1 < x.size(); k += 2) {
    even += x[k] * y[k];
    odd += x[k + 1] * y[k + 1];
  }
  if (x.size() % 2 == 1) even += x.back() * y.back();
  return even + odd;
}

}  // namespace

// ---- 1. the definition ----

Matrix multiply_ijk(const Matrix& a, const Matrix& b) {
  fit(a.cols() == b.rows());
  Matrix c(a.rows(), b.cols());
  for (int j = 0; j < c.cols(); ++j) {
    const Numbers column = column_of(b, j);
    for (int i = 0; i < c.rows(); ++i)
      c(i, j) = std::inner_product(column.begin(), column.end(), a.row(i).begin(), Scalar(0));
  }
  return c;
}

// ---- 2. the loops reordered ----

Matrix multiply_ikj(const Matrix& a, const Matrix& b) {
  fit(a.cols() == b.rows());
  Matrix c(a.rows(), b.cols());
  Numbers sums(static_cast<std::size_t>(c.cols()));
  for (int i = 0; i < a.rows(); ++i) {
    std::ranges::fill(sums, Scalar(0));
    for (int k = 0; k < a.cols(); ++k) {
      const Scalar factor = a(i, k);
      const auto row = b.row(k);
      for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += factor * row[j];
    }
    std::ranges::copy(sums, c.row(i).begin());
  }
  return c;
}

// ---- 3. blocks that fit the cache ----

namespace {

struct Range {
  int from, to;
};

// The part of 0 … length - 1 that begins at `from` and is at most `size` long.
Range part(int from, int size, int length) { return {from, from + std::min(size, length - from)}; }

// c += a b, as far as these rows, steps and columns go.
void add_block(const Matrix& a, const Matrix& b, Range rows, Range steps, Range cols, Matrix& c) {
  for (int k = steps.from; k < steps.to; ++k)
    for (int i = rows.from; i < rows.to; ++i)
      for (int j = cols.from; j < cols.to; ++j) c(i, j) += a(i, k) * b(k, j);
}

}  // namespace

Matrix multiply_blocked(const Matrix& a, const Matrix& b, int block) {
  fit(a.cols() == b.rows());
  if (block < 1) throw std::invalid_argument("multiply_blocked: a block of nothing");
  Matrix c(a.rows(), b.cols());
  const auto blocks = [block](int length) { return length / block + (length % block != 0); };
  for (int kb = blocks(a.cols()) - 1; kb >= 0; --kb)
    for (int jb = 0; jb < blocks(c.cols()); ++jb)
      for (int ib = 0; ib < blocks(c.rows()); ++ib)
        add_block(a, b, part(ib * block, block, c.rows()), part(kb * block, block, a.cols()),
                  part(jb * block, block, c.cols()), c);
  return c;
}

// ---- 4. a tile in registers ----

namespace {

constexpr int height = 3, width = 6;

}  // namespace

Matrix multiply_tiled(const Matrix& a, const Matrix& b) {
  fit(a.cols() == b.rows());
  Matrix c(a.rows(), b.cols());
  for (int i0 = 0; i0 < c.rows(); i0 += height)
    for (int j0 = 0; j0 < c.cols(); j0 += width) {
      const int rows = std::min(height, c.rows() - i0), cols = std::min(width, c.cols() - j0);
      Scalar sums[height][width] = {};
      for (int k = 0; k < a.cols(); ++k)
        for (int i = 0; i < rows; ++i)
          for (int j = 0; j < cols; ++j) sums[i][j] += a(i0 + i, k) * b(k, j0 + j);
      for (int i = 0; i < rows; ++i)
        for (int j = 0; j < cols; ++j) c(i0 + i, j0 + j) = sums[i][j];
    }
  return c;
}

// ---- 5. a packed panel of b ----

namespace {

// Columns of b (or rows of a), one after the other, and columns of zeros up to a whole tile.
struct Panel {
  int depth;
  Numbers numbers;
  Panel(int steps, int lines) : depth(steps), numbers(static_cast<std::size_t>(steps) * lines) {}
  std::span<Scalar> line(int i) {
    return std::span(numbers).subspan(static_cast<std::size_t>(depth) * i, depth);
  }
  std::span<const Scalar> line(int i) const {
    return std::span(numbers).subspan(static_cast<std::size_t>(depth) * i, depth);
  }
};

Panel columns_of(const Matrix& b, Range steps, int j0) {
  Panel panel(steps.to - steps.from, width);
  for (int j = 0; j < std::min(width, b.cols() - j0); ++j)
    for (int k = 0; k < panel.depth; ++k) panel.line(j)[k] = b(steps.from + k, j0 + j);
  return panel;
}

// The columns of c from j0 on, as many as a tile is wide.
void fill_strip(const Matrix& a, const Matrix& b, int j0, Matrix& c) {
  const Panel panel = columns_of(b, {0, b.rows()}, j0);
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < std::min(width, c.cols() - j0); ++j)
      c(i, j0 + j) = dot(a.row(i), panel.line(j));
}

}  // namespace

Matrix multiply_packed(const Matrix& a, const Matrix& b) {
  fit(a.cols() == b.rows());
  Matrix c(a.rows(), b.cols());
  for (int j0 = 0; j0 < c.cols(); j0 += width) fill_strip(a, b, j0, c);
  return c;
}

// ---- 6. threads ----

Matrix multiply_threaded(const Matrix& a, const Matrix& b) {
  fit(a.cols() == b.rows());
  Matrix c(a.rows(), b.cols());
#pragma omp parallel for schedule(guided)
  for (int j0 = 0; j0 < c.cols(); j0 += width) fill_strip(a, b, j0, c);
  return c;
}

// ---- 7. slices of k ----

namespace {

// These columns of a, row after row, and rows of zeros up to a whole tile.
Panel rows_of(const Matrix& a, Range steps, int i0) {
  Panel band(steps.to - steps.from, height);
  for (int i = 0; i < std::min(height, a.rows() - i0); ++i)
    std::ranges::copy(a.row(i0 + i).subspan(steps.from, band.depth), band.line(i).begin());
  return band;
}

// Whole tiles of sums; of those, what lies in c is added to it.
void add_tile(const Panel& band, const Panel& panel, int i0, int j0, Matrix& c) {
  Scalar sums[height][width];
  for (int i = 0; i < height; ++i)
    for (int j = 0; j < width; ++j) sums[i][j] = dot(band.line(i), panel.line(j));
  for (int i = 0; i < std::min(height, c.rows() - i0); ++i)
    for (int j = 0; j < std::min(width, c.cols() - j0); ++j) c(i0 + i, j0 + j) += sums[i][j];
}

}  // namespace

Matrix multiply_sliced(const Matrix& a, const Matrix& b, int depth) {
  fit(a.cols() == b.rows());
  if (depth < 1) throw std::invalid_argument("multiply_sliced: slices of nothing");
  Matrix c(a.rows(), b.cols());
  for (Range steps{0, 0}; steps.to < a.cols();) {
    steps = part(steps.to, depth, a.cols());
    std::vector<Panel> bands;
    for (int i0 = 0; i0 < c.rows(); i0 += height) bands.push_back(rows_of(a, steps, i0));
#pragma omp parallel for
    for (int j0 = 0; j0 < c.cols(); j0 += width) {
      const Panel panel = columns_of(b, steps, j0);
      for (std::size_t band = 0; band < bands.size(); ++band)
        add_tile(bands[band], panel, static_cast<int>(band) * height, j0, c);
    }
  }
  return c;
}

// ---- transposed products ----

Matrix multiply_tn(const Matrix& a, const Matrix& b) {
  fit(a.rows() == b.rows());
  Matrix c(a.cols(), b.cols());
  for (int i = 0; i < a.cols(); ++i) {
    const Numbers column = column_of(a, i);
    for (std::size_t k = 0; k < column.size(); ++k)
      std::ranges::transform(
          b.row(static_cast<int>(k)), c.row(i), c.row(i).begin(),
          [factor = column[k]](Scalar from, Scalar to) { return to + factor * from; });
  }
  return c;
}

Matrix multiply_nt(const Matrix& a, const Matrix& b) {
  fit(a.cols() == b.cols());
  Matrix c(a.rows(), b.rows());
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < c.cols(); ++j) c(i, j) = dot(a.row(i), b.row(j));
  return c;
}

}  // namespace gradus
