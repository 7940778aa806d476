// The three products, against a plain sum.
#include "common/matmul.hpp"

#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

Matrix transposed(const Matrix& m) {
  Matrix t(m.cols(), m.rows());
  for (int i = 0; i < m.rows(); ++i)
    for (int j = 0; j < m.cols(); ++j) t(j, i) = m(i, j);
  return t;
}

// A sum of K products, in any order, with or without fused multiply-add, is off by at most
// γ_K Σ|a||b| with γ_K = K u / (1 - K u) (Higham, Accuracy and Stability of Numerical Algorithms,
// section 3.1). u is half an epsilon; the reference below sums in long double, whose own error is
// 2000 times smaller and is covered by taking epsilon for u.
void expect_product(const Matrix& c, const Matrix& a, const Matrix& b) {
  ASSERT_EQ(c.rows(), a.rows());
  ASSERT_EQ(c.cols(), b.cols());
  const double bound = a.cols() * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < c.cols(); ++j) {
      long double sum = 0, size = 0;
      for (int k = 0; k < a.cols(); ++k) {
        sum += static_cast<long double>(a(i, k)) * b(k, j);
        size += std::abs(static_cast<long double>(a(i, k)) * b(k, j));
      }
      ASSERT_TRUE(near(c(i, j), static_cast<double>(sum), static_cast<double>(bound * size)))
          << "element (" << i << "," << j << ") of " << shape(a) << " times " << shape(b);
    }
}

void expect_products(int m, int k, int n, Random& random) {
  const Matrix a = random.normal_matrix(0, 1, m, k), b = random.normal_matrix(0, 1, k, n);
  expect_product(matmul(a, b), a, b);
  expect_product(matmul_tn(transposed(a), b), a, b);
  expect_product(matmul_nt(a, transposed(b)), a, b);
}

TEST(Matmul, MultipliesByHand) {
  const Matrix a = {{1, 2, 3}, {4, 5, 6}}, b = {{1, 0}, {2, -1}, {0, 3}};
  const Matrix c = {{5, 7}, {14, 13}};
  EXPECT_EQ(matmul(a, b), c);
  EXPECT_EQ(matmul_tn(transposed(a), b), c);
  EXPECT_EQ(matmul_nt(a, transposed(b)), c);
}

// y = x w, and backwards dw = x^T dy and dx = dy w^T.
TEST(Matmul, IsRightForTheShapesOfTheChapters) {
  Random random = test_random(1);
  for (int batch : {100, 128, 256})
    for (const auto& [inputs, outputs] : {std::pair{784, 256}, {256, 100}, {100, 10}}) {
      const Matrix x = random.normal_matrix(0, 1, batch, inputs);
      const Matrix w = random.normal_matrix(0, 1, inputs, outputs);
      const Matrix dy = random.normal_matrix(0, 1, batch, outputs);
      expect_product(matmul(x, w), x, w);
      expect_product(matmul_tn(x, dy), transposed(x), dy);
      expect_product(matmul_nt(dy, w), dy, transposed(w));
    }
}

TEST(Matmul, IsRightForEveryOddShape) {
  Random random = test_random(2);
  const std::vector<int> sizes = {1, 2, 3, 7, 8, 9, 10, 11, 13, 16, 17, 31, 32, 33, 64, 67};
  for (int m : sizes)
    for (int k : {1, 2, 5, 17})
      for (int n : sizes) expect_products(m, k, n, random);
}

TEST(Matmul, IsRightForRandomShapes) {
  Random random = test_random(3);
  for (int i = 0; i < 100; ++i) {
    const int m = static_cast<int>(random.randint(1, 150));
    const int k = static_cast<int>(random.randint(1, 400));
    expect_products(m, k, static_cast<int>(random.randint(1, 150)), random);
  }
}

// Deeper than a packed panel in double and in float, so that a second slice is added to the first.
TEST(Matmul, SumsDeepProductsInSlices) {
  Random random = test_random(5);
  for (int k : {513, 1025, 2100})
    for (const auto& [m, n] : {std::pair{3, 5}, {37, 10}, {40, 100}, {13, 131}})
      expect_products(m, k, n, random);
}

// So many bands and strips that both factors are packed, for any width of vectors, and b in blocks.
TEST(Matmul, IsRightWherePackingPays) {
  Random random = test_random(7);
  expect_products(250, 33, 810, random);
  expect_products(20, 500, 900, random);
  expect_products(45, 1024, 600, random);  // rows of a that lie in the same places of the cache
}

TEST(Matmul, WritesIntoAGivenMatrix) {
  Random random = test_random(6);
  Matrix c(7, 1, 99);  // of another shape, and full of something else
  for (int n : {3, 40}) {
    const Matrix a = random.normal_matrix(0, 1, 21, 33), b = random.normal_matrix(0, 1, 33, n);
    matmul(a, b, c);
    EXPECT_EQ(c, matmul(a, b));
    matmul_tn(transposed(a), b, c);
    EXPECT_EQ(c, matmul_tn(transposed(a), b));
    matmul_nt(a, transposed(b), c);
    EXPECT_EQ(c, matmul_nt(a, transposed(b)));
  }
  Matrix square(4, 4, 1);
  EXPECT_TRUE(refuses([&] { matmul(square, Matrix(4, 4), square); }));
  EXPECT_TRUE(refuses([&] { matmul(Matrix(4, 4), square, square); }));
  EXPECT_TRUE(refuses([&] { matmul_tn(square, Matrix(4, 4), square); }));
  EXPECT_TRUE(refuses([&] { matmul_nt(Matrix(4, 4), square, square); }));
  EXPECT_EQ(square, Matrix(4, 4, 1)) << "changed before the refusal";
}

TEST(Matmul, OfNothingIsZeroOrEmpty) {
  EXPECT_EQ(matmul(Matrix(2, 0), Matrix(0, 3)), Matrix(2, 3));
  EXPECT_EQ(matmul_tn(Matrix(0, 2), Matrix(0, 3)), Matrix(2, 3));
  EXPECT_EQ(matmul_nt(Matrix(2, 0), Matrix(3, 0)), Matrix(2, 3));
  EXPECT_EQ(matmul(Matrix(0, 4), Matrix(4, 3)), Matrix(0, 3));
  EXPECT_EQ(matmul(Matrix(2, 4), Matrix(4, 0)), Matrix(2, 0));
}

// Whole numbers, whose sums are exact in any order, with more rows, columns and steps than any round
// number; a plain sum for each element.
TEST(Matmul, IsExactForLargeProductsOfWholeNumbers) {
  for (const auto& [m, k, n] : {std::tuple{133, 1103, 261},
                                {2, 5001, 3},
                                {4099, 2, 3},
                                {3, 2, 4099},
                                {131, 131, 131},
                                {519, 9, 519}}) {
    Random random = test_random(11 + m);
    Matrix a(m, k), b(k, n), expected(m, n);
    for (Scalar& v : a.flat()) v = static_cast<Scalar>(random.randint(-8, 9));
    for (Scalar& v : b.flat()) v = static_cast<Scalar>(random.randint(-8, 9));
    for (int i = 0; i < m; ++i)
      for (int step = 0; step < k; ++step)
        for (int j = 0; j < n; ++j) expected(i, j) += a(i, step) * b(step, j);
    const Matrix a_before = a, b_before = b, at = transposed(a), bt = transposed(b);
    for (int again = 0; again < 2; ++again) {
      EXPECT_TRUE(near(matmul(a, b), expected, 0)) << m << " " << k << " " << n;
      EXPECT_TRUE(near(matmul_tn(at, b), expected, 0)) << m << " " << k << " " << n;
      EXPECT_TRUE(near(matmul_nt(a, bt), expected, 0)) << m << " " << k << " " << n;
    }
    EXPECT_TRUE(a == a_before && b == b_before) << "a factor was changed";
    EXPECT_TRUE(at == transposed(a) && bt == transposed(b)) << "a factor was changed";
  }
}

TEST(Matmul, IsRightForTinyAndHugeElements) {
  Random random = test_random(12);
  for (const double scale : {1e-150, 1e-20, 1e150}) {
    const Matrix a = random.normal_matrix(0, scale, 40, 37);
    const Matrix b = random.normal_matrix(0, 1e-150, 37, 45);
    expect_product(matmul(a, b), a, b);
    expect_product(matmul_tn(transposed(a), b), a, b);
    expect_product(matmul_nt(a, transposed(b)), a, b);
  }
}

// 0 NaN and 0 ∞ are NaN, in all three products, of either factor, in the first, a middle and the last
// place, for small products and for packed ones.
TEST(Matmul, SpreadsNaNAndInfinityOverARowOrAColumnAndNoFarther) {
  const Scalar infinity = std::numeric_limits<Scalar>::infinity();
  for (const auto& [m, k, n] : {std::tuple{3, 4, 5}, {40, 37, 45}, {90, 33, 270}})
    for (Scalar bad : {std::numeric_limits<Scalar>::quiet_NaN(), infinity, -infinity})
      for (int place : {0, 1, 2}) {
        const int i = place * (m - 1) / 2, s = place * (k - 1) / 2, j = place * (n - 1) / 2;
        Matrix a(m, k), b(k, n), zero_a(m, k), zero_b(k, n);
        a(i, s) = bad, b(s, j) = bad;
        const Matrix rows[] = {matmul(a, zero_b), matmul_tn(transposed(a), zero_b),
                               matmul_nt(a, transposed(zero_b))};
        const Matrix columns[] = {matmul(zero_a, b), matmul_tn(transposed(zero_a), b),
                                  matmul_nt(zero_a, transposed(b))};
        int wrong = 0;
        for (int r = 0; r < m; ++r)
          for (int c = 0; c < n; ++c)
            for (int which = 0; which < 3; ++which) {
              const Scalar in_row = rows[which](r, c), in_column = columns[which](r, c);
              wrong += r == i ? !std::isnan(in_row) : in_row != 0;
              wrong += c == j ? !std::isnan(in_column) : in_column != 0;
            }
        EXPECT_EQ(wrong, 0) << bad << " at place " << place << " of a product of " << m << " rows";
      }
}

TEST(Matmul, PassesNaNOn) {
  Matrix a(40, 40, 1), b(40, 40, 0);
  a(17, 3) = std::numeric_limits<Scalar>::quiet_NaN();
  const Matrix c = matmul(a, b);  // 0 times NaN is NaN: no shortcut for zeros
  for (int i = 0; i < 40; ++i)
    for (int j = 0; j < 40; ++j) EXPECT_EQ(std::isnan(c(i, j)), i == 17);
}

TEST(Matmul, RefusesShapesThatDoNotFit) {
  EXPECT_TRUE(refuses([] { matmul(Matrix(2, 3), Matrix(2, 3)); }));
  EXPECT_TRUE(refuses([] { matmul_tn(Matrix(2, 3), Matrix(3, 2)); }));
  EXPECT_TRUE(refuses([] { matmul_nt(Matrix(2, 3), Matrix(3, 2)); }));
  // Too many and too few, and where one of them is empty.
  for (const auto& [k, other] :
       {std::pair{3, 4}, {4, 3}, {0, 1}, {1, 0}, {40, 41}, {41, 40}, {0, 50}, {50, 0}})
    for (int side : {0, 1, 3, 45}) {
      const Matrix a(side, k), b(other, side);
      EXPECT_TRUE(refuses([&] { matmul(a, b); })) << shape(a) << " " << shape(b);
      EXPECT_TRUE(refuses([&] { matmul_tn(Matrix(a.cols(), a.rows()), b); })) << shape(b);
      EXPECT_TRUE(refuses([&] { matmul_nt(a, Matrix(b.cols(), b.rows())); })) << shape(a);
      Matrix c(2, 2, 7);
      EXPECT_TRUE(refuses([&] { matmul(a, b, c); }));
      EXPECT_EQ(c, Matrix(2, 2, 7)) << "changed before the refusal";
    }
}

#ifdef _OPENMP
TEST(Matmul, IsTheSameToTheLastBitOnOneTwoAndFourThreads) {
  Random random = test_random(4);
  const int before = omp_get_max_threads();
  for (const auto& [m, k, n] :
       {std::tuple{100, 784, 256}, {784, 100, 256}, {256, 256, 10}, {301, 103, 207}}) {
    const Matrix a = random.normal_matrix(0, 1, m, k), b = random.normal_matrix(0, 1, k, n);
    const Matrix at = transposed(a), bt = transposed(b);
    omp_set_num_threads(1);
    const Matrix nn = matmul(a, b), tn = matmul_tn(at, b), nt = matmul_nt(a, bt);
    for (int threads : {2, 4}) {
      omp_set_num_threads(threads);
      EXPECT_EQ(matmul(a, b), nn);
      EXPECT_EQ(matmul_tn(at, b), tn);
      EXPECT_EQ(matmul_nt(a, bt), nt);
    }
  }
  omp_set_num_threads(before);
}
#endif

}  // namespace
}  // namespace gradus::testing
