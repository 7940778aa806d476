// The matrix product, rung by rung.                                  docs/10_matmul.md

#include "chapters/10_matmul/matmul.hpp"

#include <algorithm>
#include <vector>

#include "common/require.hpp"
#include "common/vectors.hpp"

namespace gradus {

// ---- 1. the definition ----

Matrix multiply_ijk(const Matrix& a, const Matrix& b) {
  require_same("multiply_ijk: columns of a, rows of b", a.cols(), b.rows());
  Matrix c(a.rows(), b.cols());
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < c.cols(); ++j)
      for (int k = 0; k < a.cols(); ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}

// ---- 2. the loops reordered ----

Matrix multiply_ikj(const Matrix& a, const Matrix& b) {
  require_same("multiply_ikj: columns of a, rows of b", a.cols(), b.rows());
  Matrix c(a.rows(), b.cols());
  for (int i = 0; i < c.rows(); ++i)
    for (int k = 0; k < a.cols(); ++k)
      for (int j = 0; j < c.cols(); ++j) c(i, j) += a(i, k) * b(k, j);
  return c;
}

// ---- 3. blocks that fit the cache ----

Matrix multiply_blocked(const Matrix& a, const Matrix& b, int block) {
  require_same("multiply_blocked: columns of a, rows of b", a.cols(), b.rows());
  require(block > 0, "multiply_blocked: block must be above 0");
  Matrix c(a.rows(), b.cols());
  for (int k0 = 0; k0 < a.cols(); k0 += block)
    for (int j0 = 0; j0 < c.cols(); j0 += block) {
      const int k1 = std::min(k0 + block, a.cols()), j1 = std::min(j0 + block, c.cols());
      for (int i = 0; i < c.rows(); ++i)
        for (int k = k0; k < k1; ++k)
          for (int j = j0; j < j1; ++j) c(i, j) += a(i, k) * b(k, j);
    }
  return c;
}

// ---- 4. a tile in registers ----

static constexpr int R = tile_rows[2];  // rows of a tile: MR
static constexpr int W = 2 * lanes;     // its columns, two vectors: NR

// c (R,W) = a (R,depth) b (depth,W). A pointer steps from row to row by the width of its matrix.
static void tile(int depth, const Scalar* a, int a_width, const Scalar* b, int b_width,
                 Scalar* __restrict c, int c_width) {
  Scalar sum[R][W] = {};
  for (int k = 0; k < depth; ++k) {
    GRADUS_UNROLL
    for (int i = 0; i < R; ++i) {
      const Scalar x = a[i * a_width + k];
#pragma omp simd
      for (int j = 0; j < W; ++j) sum[i][j] += x * b[k * b_width + j];
    }
  }
  for (int i = 0; i < R; ++i)
    for (int j = 0; j < W; ++j) c[i * c_width + j] = sum[i][j];
}

// The rows from i0 and columns from j0 on, up to i1 and j1, by rung 2: what no whole tile covers.
static void remainder(const Matrix& a, const Matrix& b, Matrix& c, int i0, int i1, int j0, int j1) {
  for (int i = i0; i < i1; ++i)
    for (int k = 0; k < a.cols(); ++k)
      for (int j = j0; j < j1; ++j) c(i, j) += a(i, k) * b(k, j);
}

Matrix multiply_tiled(const Matrix& a, const Matrix& b) {
  require_same("multiply_tiled: columns of a, rows of b", a.cols(), b.rows());
  const int M = a.rows(), K = a.cols(), N = b.cols();
  const int M_tiles = M / R * R, N_tiles = N / W * W;
  Matrix c(M, N);
  if (K == 0) return c;  // b has no row to point into
  for (int j = 0; j < N_tiles; j += W)
    for (int i = 0; i < M_tiles; i += R)
      tile(K, a.flat().data() + i * K, K, b.flat().data() + j, N, c.flat().data() + i * N + j, N);
  remainder(a, b, c, 0, M_tiles, N_tiles, N);
  remainder(a, b, c, M_tiles, M, 0, N);
  return c;
}

// ---- 5. a packed panel of b ----

// panel (depth,W) = columns j … j + W - 1 of b in the rows from k on, zeros beyond the last column.
static void pack(const Matrix& b, int k, int depth, int j, std::vector<Scalar>& panel) {
  const int cols = std::min(W, b.cols() - j);
  std::fill(panel.begin(), panel.end(), Scalar{0});
  for (int step = 0; step < depth; ++step)
    for (int w = 0; w < cols; ++w) panel[step * W + w] = b(k + step, j + w);
}

// The W columns of c from j on.
static void strip(const Matrix& a, const Matrix& b, Matrix& c, int j) {
  const int M = a.rows(), K = a.cols(), N = b.cols();
  std::vector<Scalar> panel(static_cast<std::size_t>(K) * W);
  pack(b, 0, K, j, panel);
  Scalar result[R * W];
  for (int i = 0; i < M; i += R) {
    // A last tile that would stick out below begins higher: its first rows are computed twice.
    const int top = std::max(0, std::min(i, M - R));
    if (M < R) return remainder(a, b, c, 0, M, j, std::min(j + W, N));
    tile(K, a.flat().data() + top * K, K, panel.data(), W, result, W);
    for (int r = 0; r < R; ++r)
      for (int w = 0; w < std::min(W, N - j); ++w) c(top + r, j + w) = result[r * W + w];
  }
}

Matrix multiply_packed(const Matrix& a, const Matrix& b) {
  require_same("multiply_packed: columns of a, rows of b", a.cols(), b.rows());
  Matrix c(a.rows(), b.cols());
  for (int j = 0; j < c.cols(); j += W) strip(a, b, c, j);
  return c;
}

// ---- 6. threads ----

Matrix multiply_threaded(const Matrix& a, const Matrix& b) {
  require_same("multiply_threaded: columns of a, rows of b", a.cols(), b.rows());
  Matrix c(a.rows(), b.cols());
#pragma omp parallel for schedule(static)
  for (int j = 0; j < c.cols(); j += W) strip(a, b, c, j);
  return c;
}

// ---- 7. slices of k ----

// bands (M rounded up to R, depth) = columns k … k + depth - 1 of a, zeros below the last row.
static void pack_bands(const Matrix& a, int k, int depth, std::vector<Scalar>& bands) {
  std::fill(bands.begin(), bands.end(), Scalar{0});
#pragma omp parallel for schedule(static)
  for (int i = 0; i < a.rows(); ++i)
    for (int step = 0; step < depth; ++step) bands[i * depth + step] = a(i, k + step);
}

// c += bands panel, in the W columns from j on.
static void add_strip(const std::vector<Scalar>& bands, int depth, const std::vector<Scalar>& panel,
                      Matrix& c, int j) {
  Scalar result[R * W];
  for (int i = 0; i < c.rows(); i += R) {
    tile(depth, bands.data() + i * depth, depth, panel.data(), W, result, W);
    for (int r = 0; r < std::min(R, c.rows() - i); ++r)
      for (int w = 0; w < std::min(W, c.cols() - j); ++w) c(i + r, j + w) += result[r * W + w];
  }
}

Matrix multiply_sliced(const Matrix& a, const Matrix& b, int depth) {
  require_same("multiply_sliced: columns of a, rows of b", a.cols(), b.rows());
  require(depth > 0, "multiply_sliced: depth must be above 0");
  const int K = a.cols(), deepest = std::min(depth, K);
  const int padded_rows = (a.rows() + R - 1) / R * R;
  Matrix c(a.rows(), b.cols());
  std::vector<Scalar> bands(static_cast<std::size_t>(padded_rows) * deepest);
  for (int k = 0; k < K; k += deepest) {
    const int steps = std::min(deepest, K - k);
    pack_bands(a, k, steps, bands);
#pragma omp parallel for schedule(static)
    for (int j = 0; j < c.cols(); j += W) {
      std::vector<Scalar> panel(static_cast<std::size_t>(steps) * W);
      pack(b, k, steps, j, panel);
      add_strip(bands, steps, panel, c, j);
    }
  }
  return c;
}

// ---- transposed products ----

Matrix multiply_tn(const Matrix& a, const Matrix& b) {
  require_same("multiply_tn: rows of a, rows of b", a.rows(), b.rows());
  Matrix c(a.cols(), b.cols());
  for (int k = 0; k < a.rows(); ++k)
    for (int i = 0; i < c.rows(); ++i)
      for (int j = 0; j < c.cols(); ++j) c(i, j) += a(k, i) * b(k, j);
  return c;
}

Matrix multiply_nt(const Matrix& a, const Matrix& b) {
  require_same("multiply_nt: columns of a, columns of b", a.cols(), b.cols());
  Matrix c(a.rows(), b.rows());
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < c.cols(); ++j)
      for (int k = 0; k < a.cols(); ++k) c(i, j) += a(i, k) * b(j, k);
  return c;
}

}  // namespace gradus
