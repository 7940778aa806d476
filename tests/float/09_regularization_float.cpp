// Chapter 09 in float: penalties, splits, lines and variants keep their digits.
#include <cmath>
#include <limits>

#include "chapters/09_regularization/regularization.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

TEST(RegularizationFloat, PenaltiesAreSumsInDouble) {
  const Matrix ones(6000, 6000, 1);
  EXPECT_EQ(l1_penalty(ones, 1), 36e6f) << "float's own sum stays at 16777216";
  EXPECT_EQ(l2_penalty(ones, 2), 36e6f) << "float's own sum stays at 16777216";
  EXPECT_TRUE(near(l2_penalty({{1e25f}}, 1e-30f) / 0.5e20, 1, 1e-6)) << "1e50 is no float";
}

TEST(RegularizationFloat, MasksAreFiniteUpToTheLargestRate) {
  const Scalar largest = std::nextafter(Scalar(1), Scalar(0));
  for (Scalar rate : {Scalar(0.1), Scalar(0.7), largest}) {
    Random random(1), same(1);
    const Matrix mask = dropout_mask(60, 70, rate, random);
    for (Scalar v : mask.flat()) EXPECT_EQ(v, same.uniform() < rate ? 0 : 1 / (1 - rate)) << rate;
    EXPECT_EQ(random.uniform(), same.uniform()) << "no number more, no number less";
  }
  EXPECT_EQ(1 / (1 - largest), 16777216) << "2^24";
  Random random(1);
  EXPECT_TRUE(refuses([&] { dropout_mask(2, 3, 0.99999999, random); })) << "in float that is 1";
}

TEST(RegularizationFloat, SharesAreTakenOfEveryWholeNumber) {
  Random random(1);
  const Split split = split_samples(16777217, Scalar(0.5), 0, random);  // 2^24 + 1
  EXPECT_EQ(split.test.size(), 8388609u) << "a half upwards, and float knows no 16777217";
  const int largest = std::numeric_limits<int>::max();
  EXPECT_TRUE(refuses([&] { split_samples(largest, 1, 1, random); }));
}

TEST(RegularizationFloat, RidgeTellsInputsApartWithinTheRoundingOfFloat) {
  const Matrix alike = {{0, 0}, {255, 255}, {510, 510}}, t = {{0}, {1}, {2}};
  EXPECT_TRUE(refuses([&] { least_squares(alike, t); }));
  for (Scalar alpha : {1e-4f, 1e-10f, 1e-30f}) {
    const Matrix w = ridge(alike, t, alpha).w;
    EXPECT_TRUE(near({{w(0, 0) * 510}, {w(1, 0) * 510}}, {{1}, {1}}, 1e-5)) << "α = " << alpha;
  }
  Matrix tenth = {{1, 0}, {2, 0}, {3, 0}, {7, 0}}, apart = tenth;
  Matrix plane(4, 1);
  for (int n = 0; n < 4; ++n) {
    tenth(n, 1) = tenth(n, 0) * Scalar(0.1);  // rounded
    apart(n, 1) = apart(n, 0) + (n == 1 ? Scalar(0.01) : 0);
    plane(n, 0) = 3 * apart(n, 0) - 2 * apart(n, 1) + 1;
  }
  EXPECT_TRUE(refuses([&] { least_squares(tenth, t); }));
  EXPECT_TRUE(refuses([&] { least_squares(tenth, plane); })) << "they differ by rounding alone";
  EXPECT_TRUE(near(least_squares(apart, plane).w, {{3}, {-2}}, 1e-2));
}

TEST(RegularizationFloat, AnglesOfAnySizeTurn) {
  const Matrix x = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
  EXPECT_TRUE(near(rotate_images(x, 360000 + 90), rotate_images(x, 90), 1e-5));
  const Matrix y = rotate_images(x, std::numeric_limits<float>::max());
  for (Scalar v : y.flat()) EXPECT_TRUE(v >= 0 && v <= 10);
  Random random(1);
  const Matrix z = augment(x, {1, std::numeric_limits<float>::max(), 0}, random);
  for (Scalar v : z.flat()) EXPECT_TRUE(v >= 0 && v <= 1);
}

}  // namespace
}  // namespace gradus::testing
