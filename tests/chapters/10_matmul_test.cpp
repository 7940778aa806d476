// Chapter 10: every rung multiplies matrices, whatever their shape.
#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "chapters/10_matmul/matmul.hpp"
#include "common/matmul.hpp"
#include "tests/support.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::testing {
namespace {

using Product = std::function<Matrix(const Matrix&, const Matrix&)>;

Matrix transposed(const Matrix& m) {
  Matrix t(m.cols(), m.rows());
  for (int i = 0; i < m.rows(); ++i)
    for (int j = 0; j < m.cols(); ++j) t(j, i) = m(i, j);
  return t;
}

// The sum of K products in any order, each rounded or fused, is off by at most γ_K Σ|a||b| with
// γ_K = K u / (1 - K u) and u half an epsilon (Higham, Accuracy and Stability of Numerical
// Algorithms, section 3.1). The reference sums in long double; its error, 2000 times smaller, and the
// denominator are covered by taking a whole epsilon.
::testing::AssertionResult is_product(const Matrix& c, const Matrix& a, const Matrix& b) {
  if (c.rows() != a.rows() || c.cols() != b.cols())
    return ::testing::AssertionFailure()
           << "got shape " << shape(c) << " for " << shape(a) << " times " << shape(b);
  const double gamma = a.cols() * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  for (int i = 0; i < c.rows(); ++i)
    for (int j = 0; j < c.cols(); ++j) {
      long double sum = 0, size = 0;
      for (int k = 0; k < a.cols(); ++k) {
        const long double term = static_cast<long double>(a(i, k)) * b(k, j);
        sum += term;
        size += std::abs(term);
      }
      const auto ok = near(c(i, j), static_cast<double>(sum), static_cast<double>(gamma * size));
      if (!ok)
        return ::testing::AssertionFailure() << ok.message() << " at (" << i << "," << j << ") of "
                                             << shape(a) << " times " << shape(b);
    }
  return ::testing::AssertionSuccess();
}

bool same_numbers(const Matrix& a, const Matrix& b) {
  const auto same = [](Scalar x, Scalar y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return shape(a) == shape(b) && std::ranges::equal(a.flat(), b.flat(), same);
}

// The factors stay what they are.
Product kept(const Product& multiply) {
  return [=](const Matrix& a, const Matrix& b) {
    const Matrix a_before = a, b_before = b;
    Matrix c = multiply(a, b);
    EXPECT_TRUE(same_numbers(a, a_before)) << "the left factor was changed";
    EXPECT_TRUE(same_numbers(b, b_before)) << "the right factor was changed";
    return c;
  };
}

// While it lives, so many threads. Hundreds of small products are tried on one: on a machine with
// other work, threads wait for each other at every one of them.
class Threads {
 public:
#ifdef _OPENMP
  explicit Threads(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~Threads() { omp_set_num_threads(before_); }
#else
  explicit Threads(int) {}
#endif
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
#ifdef _OPENMP
  int before_;
#endif
};

// Whole numbers, whose sums are exact in any order: larger than any round number that a loop could
// stop at, and by plain loops once for all rungs. Of each product one factor is below 2^26, more than
// float holds, the other below 2^10, in turns: 33001 of them stay below 2^53.
struct Large {
  Matrix a, b, c;
};

Large large(int M, int K, int N) {
  Random random = test_random(M + K + N);
  Large made{Matrix(M, K), Matrix(K, N), Matrix(M, N)};
  const auto number = [&](bool long_one) {
    const double most = long_one ? 1 << 26 : 1 << 10;
    return static_cast<Scalar>(std::floor(random.uniform(-most, most)));
  };
  for (int i = 0; i < M; ++i)
    for (int k = 0; k < K; ++k) made.a(i, k) = number(k % 2 == 0);
  for (int k = 0; k < K; ++k)
    for (int j = 0; j < N; ++j) made.b(k, j) = number(k % 2 == 1);
  for (int i = 0; i < M; ++i)
    for (int k = 0; k < K; ++k)
      for (int j = 0; j < N; ++j) made.c(i, j) += made.a(i, k) * made.b(k, j);
  return made;
}

const std::vector<Large>& large_products() {
  static const std::vector<Large> all = {
      large(133, 1103, 69), large(17, 5001, 33),  large(5, 1103, 261), large(271, 3, 271),
      large(131, 131, 131), large(15, 16501, 17), large(2, 33001, 3),  large(4099, 2, 17),
      large(15, 2, 4099),   large(70001, 1, 3),   large(3, 1, 70001)};
  return all;
}

// The first, whose loops take longest, on several threads: a rung must not depend on how many there are.
void expect_right_for_large(const Product& multiply) {
  for (const Large& kept_for_others : large_products()) {
    const Threads some(&kept_for_others == large_products().data() ? 3 : 1);
    const Large product = kept_for_others;
    const Matrix c = multiply(product.a, product.b);
    EXPECT_TRUE(near(c, product.c, 0)) << shape(product.a) << " times " << shape(product.b);
  }
}

// What is asked of every rung.
void expect_right_but_large(const Product& rung, int salt) {
  const Threads one(1);
  const Product multiply = kept(rung);
  EXPECT_TRUE(
      near(multiply({{1, 2, 3}, {4, 5, 6}}, {{1, 0}, {2, -1}, {0, 3}}), {{5, 7}, {14, 13}}, 1e-12))
      << "by hand";
  Random random = test_random(salt);
  const auto check = [&](int m, int k, int n) {
    const Matrix a = random.normal_matrix(0, 1, m, k), b = random.normal_matrix(0, 1, k, n);
    ASSERT_TRUE(is_product(multiply(a, b), a, b));
  };
  for (int m : {1, 2, 7, 12, 13, 31})
    for (int k : {1, 3, 17})
      for (int n : {1, 5, 16, 17, 32, 37, 67}) check(m, k, n);
  check(100, 784, 10);
  // Rows of very different sizes: who adds and subtracts rows on the way loses the small ones.
  Matrix steep = random.normal_matrix(0, 1, 64, 64);
  for (int i = 0; i < 64; ++i)
    for (Scalar& v : steep.row(i)) v *= std::ldexp(Scalar(1), -i);
  const Matrix plain = random.normal_matrix(0, 1, 64, 64);
  EXPECT_TRUE(is_product(multiply(steep, plain), steep, plain)) << "rows of sizes 1 to 2^-63";
  check(150, 300, 1);
  check(1, 300, 150);
  for (int again = 0; again < 3; ++again) check(13, 9, 18);  // nothing is left from before
  const Matrix same = random.normal_matrix(0, 1, 19, 19);
  EXPECT_TRUE(is_product(multiply(same, same), same, same)) << "a matrix times itself";
  // Tiny times tiny, huge times tiny, huge times huge: none of them is 0, and none is cut.
  const Scalar tiny = std::ldexp(Scalar(1), -530), product = std::ldexp(Scalar(1), -1060);
  EXPECT_TRUE(
      near(multiply(Matrix(29, 1, tiny), Matrix(1, 37, -tiny)), Matrix(29, 37, -product), 0))
      << "2^-1060 is below the normal numbers, and not 0";
  const Scalar subnormal = std::ldexp(Scalar(1), -1060), large = std::ldexp(Scalar(1), 1000);
  for (const auto& [left, right] : {std::pair{subnormal, large}, {large, subnormal}})
    EXPECT_TRUE(near(multiply(Matrix(29, 1, left), Matrix(1, 37, right)),
                     Matrix(29, 37, std::ldexp(Scalar(1), -60)), 0))
        << left << " times " << right << ": a factor below the normal numbers is not 0";
  const Scalar huge = std::ldexp(Scalar(1), 511);
  EXPECT_TRUE(near(multiply(Matrix(29, 1, huge), Matrix(1, 37, huge)),
                   Matrix(29, 37, std::ldexp(Scalar(1), 1022)), 0))
      << "2^1022 is a number still, and nothing is cut";
  const std::pair<double, double> scales[] = {
      {1e-150, 1e-150}, {1e200, 1e-200}, {1e-9, 1e-9}, {1e150, 1e150}};
  for (const auto& [left, right] : scales) {
    const Matrix a = random.normal_matrix(0, left, 15, 20);
    const Matrix b = random.normal_matrix(0, right, 20, 33);
    EXPECT_TRUE(is_product(multiply(a, b), a, b))
        << "of elements like " << left << " and " << right;
  }
  for (int i = 0; i < 25; ++i) {
    const auto size = [&](int most) { return static_cast<int>(random.randint(1, most)); };
    const int m = size(90), k = size(150);
    check(m, k, size(90));
  }
  EXPECT_TRUE(near(multiply(Matrix(2, 0), Matrix(0, 3)), Matrix(2, 3), 0)) << "an empty sum is 0";
  EXPECT_TRUE(near(multiply(Matrix(0, 4), Matrix(4, 3)), Matrix(0, 3), 0));
  EXPECT_TRUE(near(multiply(Matrix(2, 4), Matrix(4, 0)), Matrix(2, 0), 0));
  EXPECT_TRUE(near(multiply(Matrix(0, 0), Matrix(0, 0)), Matrix(0, 0), 0));
  EXPECT_TRUE(near(multiply(Matrix(40, 0), Matrix(0, 70)), Matrix(40, 70), 0))
      << "whole tiles of 0";
}

void expect_right(const Product& multiply, int salt) {
  expect_right_but_large(multiply, salt);
  expect_right_for_large(kept(multiply));
}

struct Shapes {
  int a_rows, a_cols, b_rows, b_cols;
};

// Of factors that do not fit: more columns than rows, fewer, such as would fit if one of them or both
// were transposed, and rows, columns and single elements that could be repeated until they fit.
void expect_refused(const Product& multiply, const std::vector<Shapes>& misfits) {
  for (const Shapes& s : misfits) {
    const Matrix a(s.a_rows, s.a_cols), b(s.b_rows, s.b_cols);
    EXPECT_TRUE(refuses([&] { multiply(a, b); })) << shape(a) << " times " << shape(b);
  }
}

Product blocked(int block) {
  return [=](const Matrix& a, const Matrix& b) { return multiply_blocked(a, b, block); };
}

Product sliced(int depth) {
  return [=](const Matrix& a, const Matrix& b) { return multiply_sliced(a, b, depth); };
}

// For every small block or depth.
void expect_right_for_small(const std::function<Product(int)>& of_size, int salt) {
  Random random = test_random(salt);
  const Matrix a = random.normal_matrix(0, 1, 7, 23), b = random.normal_matrix(0, 1, 23, 9);
  const Threads one(1);
  for (int size = 1; size < 26; ++size)
    EXPECT_TRUE(is_product(of_size(size)(a, b), a, b)) << "a block or a depth of " << size;
}

// For large blocks or depths, of many steps.
void expect_right_for_deep(const std::function<Product(int)>& of_size,
                           std::initializer_list<int> sizes) {
  const Large& deep = large_products()[1];
  for (int size : sizes)
    EXPECT_TRUE(near(of_size(size)(deep.a, deep.b), deep.c, 0)) << "a block or a depth of " << size;
}

// Rungs 1 to 7.
void expect_rung(const Product& multiply, int salt) {
  expect_right(multiply, salt);
  expect_refused(multiply,
                 {{2, 3, 2, 3},     {3, 2, 3, 2},    {2, 3, 4, 2}, {4, 5, 4, 4},   {2, 3, 5, 5},
                  {2, 0, 1, 2},     {2, 1, 0, 2},    {0, 3, 2, 0}, {0, 0, 1, 1},   {1, 1, 0, 0},
                  {1, 1, 2, 3},     {2, 3, 1, 1},    {1, 1, 3, 1}, {1, 3, 1, 1},   {2, 3, 1, 4},
                  {2, 1, 3, 4},     {1, 3, 1, 3},    {3, 1, 3, 1}, {1, 3, 4, 1},   {40, 50, 1, 60},
                  {40, 1, 50, 60},  {3, 4, 5, 3},    {3, 5, 4, 3}, {2, 70, 60, 2}, {2, 60, 70, 2},
                  {40, 50, 49, 60}, {40, 49, 50, 60}});
}

TEST(Ladder, Rung1IjkIsRight) {
  points(10);
  expect_rung(multiply_ijk, 201);
}

TEST(Ladder, Rung2IkjIsRight) {
  points(10);
  expect_rung(multiply_ikj, 202);
}

TEST(Ladder, Rung3BlockedIsRightForEveryBlock) {
  points(10);
  const int most = std::numeric_limits<int>::max();
  expect_rung(blocked(32), 203);
  for (int block : {1, 7, 1000, most}) expect_right_but_large(blocked(block), 203);
  expect_right_for_small(blocked, 215);
  expect_right_for_deep(blocked, {2048, most});
  EXPECT_TRUE(refuses([] { multiply_blocked(Matrix(2, 2), Matrix(2, 2), 0); })) << "block of 0";
  EXPECT_TRUE(refuses([] { multiply_blocked(Matrix(2, 2), Matrix(2, 2), -1); })) << "block of -1";
  for (int block : {0, std::numeric_limits<int>::min()})
    EXPECT_TRUE(refuses([&] { multiply_blocked(Matrix(0, 0), Matrix(0, 0), block); }))
        << "block of " << block << ", nothing to multiply";
}

TEST(Ladder, Rung4TiledIsRight) {
  points(15);
  expect_rung(multiply_tiled, 204);
}

TEST(Ladder, Rung5PackedIsRight) {
  points(15);
  expect_rung(multiply_packed, 205);
}

// The same to the last bit for any number of threads. A race does not show every time; the product
// takes long enough for threads to be interrupted within a strip, even on a single core.
void expect_same_for_any_number_of_threads(const Product& multiply, int salt) {
  Random random = test_random(salt);
  const Matrix a = random.normal_matrix(0, 1, 240, 301), b = random.normal_matrix(0, 1, 301, 333);
  const Matrix once = multiply(a, b);
  ASSERT_TRUE(is_product(once, a, b));
  for (int threads : {1, 2, 4, 7, 16}) {
    const Threads some(threads);
    for (int again = 0; again < (threads == 16 ? 1 : 3); ++again)
      EXPECT_TRUE(near(multiply(a, b), once, 0)) << threads << " threads";
  }
}

// Within a parallel region OpenMP gives a rung fewer threads than omp_get_max_threads() says, by
// default a single one.
Matrix within_a_region(const Product& multiply, const Matrix& a, const Matrix& b) {
  Matrix c;
  std::exception_ptr thrown;
#pragma omp parallel num_threads(2)
#pragma omp single
  {
    try {
      c = multiply(a, b);
    } catch (...) {  // an exception must not leave the region
      thrown = std::current_exception();
    }
  }
  if (thrown) std::rethrow_exception(thrown);
  return c;
}

// Deep, tall, wide, a vector: what tempts to deal out something else than columns.
void expect_same_for_long_shapes(const Product& multiply, int salt) {
  Random random = test_random(salt);
  for (const auto& [M, K, N] : {std::tuple{5, 1103, 3},
                                {1103, 7, 3},
                                {2, 7, 1103},
                                {1, 5001, 19},
                                {19, 5001, 1},
                                {1, 5001, 1}}) {
    const Matrix left = random.normal_matrix(0, 1, M, K), right = random.normal_matrix(0, 1, K, N);
    const Matrix first = multiply(left, right);
    ASSERT_TRUE(is_product(first, left, right));
    for (int threads : {1, 3, 8}) {
      const Threads some(threads);
      EXPECT_TRUE(near(multiply(left, right), first, 0))
          << threads << " threads, " << shape(left) << " times " << shape(right);
    }
    const Threads eight(8);
    EXPECT_TRUE(near(within_a_region(multiply, left, right), first, 0))
        << "called within a parallel region, " << shape(left) << " times " << shape(right);
  }
}

TEST(Ladder, Rung6ThreadedIsRightAndTheSameForAnyNumberOfThreads) {
  points(10);
  expect_rung(multiply_threaded, 206);
  expect_same_for_any_number_of_threads(multiply_threaded, 207);
  expect_same_for_long_shapes(multiply_threaded, 213);
}

// Slices of one step, such as leave a short one behind, such as end with K, and one slice of all.
TEST(Ladder, Rung7SlicedIsRightForEveryDepth) {
  points(15);
  const int most = std::numeric_limits<int>::max();
  expect_rung(sliced(64), 210);
  for (int depth : {1, 7, 1000, most}) expect_right_but_large(sliced(depth), 210);
  expect_right_for_small(sliced, 216);
  expect_right_for_deep(sliced, {2048, most});
  expect_same_for_any_number_of_threads(sliced(128), 211);
  expect_same_for_long_shapes(sliced(1000), 214);
  EXPECT_TRUE(refuses([] { multiply_sliced(Matrix(2, 2), Matrix(2, 2), 0); })) << "depth of 0";
  EXPECT_TRUE(refuses([] { multiply_sliced(Matrix(2, 2), Matrix(2, 2), -1); })) << "depth of -1";
  for (int depth : {0, std::numeric_limits<int>::min()})
    EXPECT_TRUE(refuses([&] { multiply_sliced(Matrix(0, 0), Matrix(0, 0), depth); }))
        << "depth of " << depth << ", nothing to multiply";
}

// As products of a and b, whose own arguments stay what they are.
Matrix product_tn(const Matrix& a, const Matrix& b) { return kept(multiply_tn)(transposed(a), b); }

Matrix product_nt(const Matrix& a, const Matrix& b) { return kept(multiply_nt)(a, transposed(b)); }

TEST(Ladder, TransposedProductsAreRight) {
  points(10);
  expect_right(product_tn, 208);
  expect_right(product_nt, 209);
  expect_refused(multiply_tn, {{2, 3, 3, 2},
                               {3, 2, 2, 3},
                               {2, 3, 4, 3},
                               {4, 3, 2, 3},
                               {4, 4, 5, 4},
                               {5, 4, 4, 4},
                               {0, 2, 1, 2},
                               {1, 2, 0, 2},
                               {1, 1, 2, 3},
                               {2, 3, 1, 1},
                               {1, 2, 3, 4},
                               {3, 2, 1, 4},
                               {1, 3, 3, 2},
                               {3, 2, 1, 3},
                               {1, 3, 3, 1},
                               {3, 1, 1, 3}});
  expect_refused(multiply_nt, {{2, 3, 3, 2},
                               {3, 2, 2, 3},
                               {3, 2, 3, 4},
                               {3, 4, 3, 2},
                               {4, 4, 4, 5},
                               {4, 5, 4, 4},
                               {2, 0, 2, 1},
                               {2, 1, 2, 0},
                               {1, 1, 2, 3},
                               {2, 3, 1, 1},
                               {2, 1, 4, 3},
                               {2, 3, 4, 1},
                               {3, 1, 2, 3},
                               {2, 3, 3, 1},
                               {1, 3, 3, 1},
                               {3, 1, 1, 3}});
  const Matrix x = test_random(212).normal_matrix(0, 1, 71, 97);
  EXPECT_TRUE(is_product(kept(multiply_tn)(x, x), transposed(x), x)) << "x^T x";
  EXPECT_TRUE(is_product(kept(multiply_nt)(x, x), x, transposed(x))) << "x x^T";
}

// 0 NaN and 0 ∞ are NaN, ½ ∞ is ∞, ∞ - ∞ is NaN: in the row m of c, or the column n, that the number
// belongs to, and nowhere else.
void expect_spreads_from(const Product& multiply, const std::string& name, Matrix a, Matrix b,
                         Scalar bad, std::tuple<int, int, int> place) {
  const auto [m, k, n] = place;
  const std::string what = name + ", " + shape(a) + " times " + shape(b);
  a(m, k) = bad;
  const Matrix row = multiply(a, b);
  a(m, k) = 0;
  b(k, n) = bad;
  const Matrix column = multiply(a, b);
  ASSERT_EQ(shape(row), shape(Matrix(a.rows(), b.cols()))) << name;
  ASSERT_EQ(shape(column), shape(row)) << name;
  for (int i = 0; i < a.rows(); ++i)
    for (int j = 0; j < b.cols(); ++j) {
      ASSERT_TRUE(i == m ? std::isnan(row(i, j)) : row(i, j) == 0)
          << what << ": a zero of b was skipped, or row " << m << " reached row " << i;
      ASSERT_TRUE(j == n ? std::isnan(column(i, j)) : column(i, j) == 0)
          << what << ": a zero of a was skipped, or column " << n << " reached column " << j;
    }
  if (std::isnan(bad)) return;
  a(m, k) = bad;
  const Matrix infinite = multiply(a, Matrix(b.rows(), b.cols(), 0.5));
  a(m, (k + 1) % a.cols()) = -bad;
  const Matrix both = multiply(a, Matrix(b.rows(), b.cols(), 0.5));
  ASSERT_EQ(shape(infinite), shape(row)) << name;
  ASSERT_EQ(shape(both), shape(row)) << name;
  for (int j = 0; j < b.cols(); ++j) {
    ASSERT_EQ(infinite(m, j), bad) << what << ": 0.5 times infinity is infinity";
    ASSERT_TRUE(std::isnan(both(m, j)) || a.cols() == 1) << what << ": infinity minus infinity";
  }
}

// In a large product, and in those that a rung might treat apart: one row, one column, one step, few
// rows, many steps.
void expect_spreads(const Product& multiply, const std::string& name) {
  const Threads one(1);
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  const Scalar infinity = std::numeric_limits<Scalar>::infinity();
  for (const auto& [M, K, N] :
       {std::tuple{29, 37, 45}, {1, 5, 6}, {3, 66, 1}, {4, 1, 9}, {13, 301, 20}, {2, 33, 20}}) {
    const Matrix a(M, K), b(K, N);
    const std::tuple first{0, 0, 0}, inside{M / 4, K / 12, N / 9}, last{M - 1, K - 1, N - 1};
    expect_spreads_from(multiply, name, a, b, nan, last);
    expect_spreads_from(multiply, name, a, b, infinity, first);
    if (M < 29) continue;
    for (Scalar bad : {nan, infinity, -infinity})
      for (const auto& place : {first, inside, last})
        expect_spreads_from(multiply, name, a, b, bad, place);
  }
}

TEST(Ladder, NaNIsNotSkippedWithTheZeros) {
  points(5);
  expect_spreads(multiply_ijk, "ijk");
  expect_spreads(multiply_ikj, "ikj");
  expect_spreads(blocked(8), "blocked");
  expect_spreads(blocked(1000), "blocked");
  expect_spreads(multiply_tiled, "tiled");
  expect_spreads(multiply_packed, "packed");
  expect_spreads(multiply_threaded, "threaded");
  expect_spreads(sliced(1), "sliced");
  expect_spreads(sliced(8), "sliced");
  expect_spreads(sliced(1000), "sliced");
  expect_spreads(product_tn, "tn");
  expect_spreads(product_nt, "nt");
}

}  // namespace
}  // namespace gradus::testing
