// Matrix and the checks of arguments.
#include "common/matrix.hpp"

#include <climits>
#include <limits>
#include <numeric>

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
}

}  // namespace
}  // namespace gradus::testing
