// Matrix and the checks of arguments.
#include "common/matrix.hpp"

#include <climits>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "common/require.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Matrix, IsZeroUnlessToldOtherwise) {
  const Matrix m(2, 3), sevens(1, 2, 7);
  EXPECT_EQ(m, (Matrix{{0, 0, 0}, {0, 0, 0}}));
  EXPECT_EQ(sevens, (Matrix{{7, 7}}));
}

TEST(Matrix, LiesRowAfterRow) {
  Matrix m(2, 3);
  std::iota(m.flat().begin(), m.flat().end(), Scalar{1});
  EXPECT_EQ(m, (Matrix{{1, 2, 3}, {4, 5, 6}}));
  EXPECT_EQ(m(1, 0), 4);
  EXPECT_EQ(m.row(1).size(), 3u);
  EXPECT_EQ(m.row(1)[2], 6);
  m.row(0)[1] = 9;
  EXPECT_EQ(m(0, 1), 9);
}

TEST(Matrix, MayBeEmptyInEitherDirection) {
  for (const auto& [rows, cols] : {std::pair{0, 0}, {0, 4}, {4, 0}}) {
    const Matrix m(rows, cols);
    EXPECT_EQ(m.rows(), rows);
    EXPECT_EQ(m.cols(), cols);
    EXPECT_EQ(m.size(), 0);
  }
  EXPECT_EQ(Matrix(4, 0).row(3).size(), 0u);
}

TEST(Matrix, EqualsOnlyTheSameShapeAndValues) {
  EXPECT_NE(Matrix(2, 3), Matrix(3, 2));
  EXPECT_NE((Matrix{{1, 2}}), (Matrix{{1, 3}}));
  const Matrix nan(1, 1, std::numeric_limits<Scalar>::quiet_NaN());
  EXPECT_NE(nan, nan);
}

// Whichever element it is, and in large matrices too.
TEST(Matrix, DiffersByAnyElement) {
  const int rows = 300, cols = 70;
  const Matrix zeros(rows, cols), ones(rows, cols, 1);
  for (Scalar v : ones.flat()) ASSERT_EQ(v, 1);
  for (int i : {0, 1, 150, 299})
    for (int j : {0, 1, 35, 69}) {
      Matrix m(rows, cols);
      m(i, j) = 1e-300;
      EXPECT_NE(m, zeros) << i << " " << j;
      EXPECT_EQ(m.flat()[i * cols + j], Scalar(1e-300));
      EXPECT_EQ(m.row(i)[j], Scalar(1e-300));
      EXPECT_EQ(m.row(i).size(), 70u);
    }
  EXPECT_NE(Matrix(0, 3), Matrix(3, 0));
  EXPECT_EQ(shape(Matrix(0, 3)), "(0,3)");
}

TEST(Matrix, CopiesOwnTheirValues) {
  const Matrix a = {{1, 2}};
  Matrix b = a;
  b(0, 0) = 5;
  EXPECT_EQ(a(0, 0), 1);
}

TEST(Matrix, RefusesShapesThatCannotBe) {
  EXPECT_TRUE(refuses([] { Matrix(-1, 2); }));
  EXPECT_TRUE(refuses([] { Matrix(2, -1); }));
  EXPECT_TRUE(refuses([] { Matrix(-2, -2); }));
  EXPECT_TRUE(refuses([] { Matrix(1 << 16, 1 << 16); }));
  EXPECT_TRUE(refuses([] { Matrix(INT_MAX, INT_MAX); }));
  EXPECT_TRUE(refuses([] { Matrix(INT_MIN, 1); }));
  EXPECT_EQ(message_of([] { Matrix(3, -2); }), "Matrix: columns: must be at least 0, but is -2");
  EXPECT_TRUE(refuses([] { Matrix({{1, 2}, {3}}); }));
  EXPECT_TRUE(refuses([] { Matrix({{1}, {2, 3}}); }));
  EXPECT_TRUE(refuses([] { Matrix({{1, 2}, {3, 4}, {5}}); }));
  EXPECT_TRUE(refuses([] { Matrix({{}, {1}}); }));
}

TEST(Require, NamesWhatWasWrongAndWhatWasExpected) {
  EXPECT_EQ(message_of([] { require(true, "no"); }), "nothing was thrown");
  EXPECT_EQ(message_of([] { require(false, "why"); }), "why");
  EXPECT_EQ(message_of([] { require_same("f: columns of x, rows of w", 4, 5); }),
            "f: columns of x, rows of w: must be equal, but are 4 and 5");
  EXPECT_EQ(message_of([] { require_shape("f: b", Matrix(5, 1), 1, 5); }),
            "f: b: must be (1,5), but is (5,1)");
  const Scalar infinity = std::numeric_limits<Scalar>::infinity();
  EXPECT_EQ(message_of([&] {
              require_finite("f: x", {{1, 2}, {3, -infinity}});
            }),
            "f: x: has NaN or infinity at (1,1)");
}

// What tells a grader that a function is still to be written must not pass for a refusal.
TEST(Require, NotImplementedIsNoRefusal) {
  EXPECT_FALSE(refuses([] { throw NotImplemented("f"); }));
  EXPECT_FALSE(refuses([] {}));
  EXPECT_FALSE(refuses([] { throw std::invalid_argument(""); })) << "without a message";
  EXPECT_FALSE(refuses([] { throw std::invalid_argument("two\nlines"); }));
  EXPECT_FALSE(refuses([] { throw std::out_of_range("something else"); }));
  EXPECT_TRUE(refuses([] { throw std::invalid_argument("one line"); }));
  EXPECT_TRUE(accepts([] {}));
  EXPECT_FALSE(accepts([] { throw std::invalid_argument("one line"); }));
  EXPECT_FALSE(accepts([] { throw std::runtime_error("something else"); }));
}

TEST(Require, KnowsTheDomainsOfNumbers) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  const auto refused = [](void (*check)(const char*, double), std::initializer_list<double> bad) {
    for (double v : bad) EXPECT_TRUE(refuses([&] { check("f: v", v); })) << v;
  };
  const auto accepted = [](void (*check)(const char*, double), std::initializer_list<double> good) {
    for (double v : good) EXPECT_TRUE(accepts([&] { check("f: v", v); })) << v;
  };
  const double below_one = std::nextafter(1.0, 0.0), above_one = std::nextafter(1.0, 2.0);
  refused(require_not_negative, {-1, -1e-300, nan, infinity, -infinity});
  accepted(require_not_negative, {0, -0.0, 1e-300, 1, 1e300});
  refused(require_positive, {0, -0.0, -1e-300, nan, infinity, -infinity});
  accepted(require_positive, {1e-300, 1, 1e300});
  refused(require_share, {-1e-300, above_one, nan, infinity, -infinity});
  accepted(require_share, {0, 0.5, 1});
  refused(require_below_one, {-1e-300, 1, 2, nan, infinity, -infinity});
  accepted(require_below_one, {0, 0.5, below_one});
  EXPECT_TRUE(refuses([] { require_at_least("f: n", 2, 3); }));
  EXPECT_TRUE(accepts([] { require_at_least("f: n", 3, 3); }));
  for (double bad : {nan, infinity, -infinity})
    for (int place : {0, 1, 999, 1998, 1999}) {
      Matrix m(40, 50);
      m.flat()[place] = static_cast<Scalar>(bad);
      EXPECT_TRUE(refuses([&] { require_finite("f: x", m); })) << bad << " at place " << place;
    }
  EXPECT_TRUE(accepts([] { require_finite("f: x", Matrix(0, 3)); }));
  for (const auto& [rows, cols] : {std::pair{2, 4}, {2, 2}, {1, 3}, {3, 3}, {3, 2}})
    EXPECT_TRUE(refuses([r = rows, c = cols] { require_shape("f: b", Matrix(r, c), 2, 3); }));
}

// The tests of the chapters stand on these: they must say no.
TEST(Support, NearRefusesNaNOtherShapesAndDistance) {
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  EXPECT_TRUE(near(Matrix{{1, 2}}, Matrix{{1, 2.05}}, 0.1));
  EXPECT_FALSE(near(Matrix{{1, 2}}, Matrix{{1, 2.2}}, 0.1));
  EXPECT_FALSE(near(Matrix{{1, nan}}, Matrix{{1, 2}}, 1e300));
  EXPECT_FALSE(near(Matrix{{1, 2}}, Matrix{{1}, {2}}, 0.1));
  EXPECT_FALSE(near(Matrix(), Matrix{{0}}, 1));
  EXPECT_FALSE(near(double{nan}, 1.0, 1e300));
  EXPECT_FALSE(near(double{nan}, double{nan}, 1e300));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(near(infinity, 1e300, 1e300));
  EXPECT_FALSE(near(infinity, -infinity, 1e300));
  for (int place : {0, 1, 3500, 6998, 6999}) {  // whichever element it is
    Matrix got(100, 70);
    got.flat()[place] = 0.2;
    EXPECT_FALSE(near(got, Matrix(100, 70), 0.1)) << place;
    got.flat()[place] = nan;
    EXPECT_FALSE(near(got, Matrix(100, 70), 0.1)) << place;
  }
}

TEST(Support, IsGradientRefusesAnotherShapeZerosAndALossThatNeverChanges) {
  const auto squares = [](const Matrix& m) -> Scalar {
    Scalar sum = 0;
    for (Scalar v : m.flat()) sum += v * v;
    return sum;
  };
  const Matrix at = {{1, 2, 3}};
  EXPECT_TRUE(is_gradient("right", squares, at, {{2, 4, 6}}));
  EXPECT_FALSE(is_gradient("transposed", squares, at, {{2}, {4}, {6}}));
  EXPECT_FALSE(is_gradient("empty", squares, at, {}));
  EXPECT_FALSE(is_gradient("zeros", squares, at, {{0, 0, 0}}));
  EXPECT_FALSE(
      is_gradient("never changes", [](const Matrix&) { return Scalar(2); }, at, {{0, 0, 0}}));
}

}  // namespace
}  // namespace gradus::testing
