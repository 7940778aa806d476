// Chapter 01 in float: the threshold of the step is well above what the sums round away.
#include "chapters/01_perceptron/perceptron.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

TEST(PerceptronFloat, LearnsTheGatesAfterTheSameMistakes) {
  const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  struct Gate {
    std::vector<int> y, errors;
  };
  for (const auto& [y, errors] : {Gate{{0, 0, 0, 1}, {1, 3, 3, 2, 1, 0, 0, 0}},
                                  {{0, 1, 1, 1}, {1, 2, 1, 0, 0, 0, 0, 0}},
                                  {{1, 1, 1, 0}, {2, 3, 3, 2, 1, 0, 0, 0}},
                                  {{0, 1, 1, 0}, {2, 3, 4, 4, 4, 4, 4, 4}}})
    EXPECT_EQ(perceptron_fit(inputs, y, 8, 0.2f).errors, errors);
}

TEST(PerceptronFloat, TakesTheWeightedSumInDouble) {
  EXPECT_EQ(perceptron_predict({{1e8f, 1, -1e8f}}, {{1, 1, 1}}, 0), std::vector<int>{1});
}

}  // namespace
}  // namespace gradus::testing
