// A relation is named where it is sure, and not where numbers agree by chance.
#include "grading/relations/relation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "grading/relations/compared_here.hpp"
#include "grading/relations/contract_names.hpp"

namespace gradus {
namespace {

using Values = std::vector<double>;

const Values some = {0.3173, -1.2891, 2.7713, 0.0417, -3.3371, 1.1939};  // of no paper and pencil

Numbers matrix(int rows, int cols, const Values& values) { return {rows, cols, values}; }

Numbers times(Numbers numbers, double factor) {
  for (double& value : numbers.values) value *= factor;
  return numbers;
}

Compared wrong(const Numbers& got, const Numbers& expected) {
  Compared one;
  one.got = got;
  one.expected = expected;
  return one;
}

Compared right(const Numbers& numbers) {
  Compared one = wrong(numbers, numbers);
  one.right = true;
  return one;
}

Compared with(Compared one, const std::vector<Quantity>& quantities,
              const std::vector<Argument>& arguments = {}) {
  one.call = std::make_shared<const CallData>(CallData{quantities, arguments});
  return one;
}

const Numbers right_one = matrix(3, 2, some);

TEST(Relation, NamesAFactor) {
  EXPECT_EQ(relation({wrong(times(right_one, -1), right_one)}),
            "has the wrong sign, in every element");
  EXPECT_EQ(relation({wrong(times(right_one, 2), right_one)}), "is twice what was expected");
  EXPECT_EQ(relation({wrong(times(right_one, 0.5), right_one)}), "is half of what was expected");
  EXPECT_EQ(relation({wrong(times(right_one, 0.2), right_one)}), "is 1/5 of what was expected");
  EXPECT_EQ(relation({wrong(times(right_one, -3), right_one)}), "is -3 times what was expected");
}

TEST(Relation, NamesWhatTheFactorIs) {
  const std::vector<Quantity> five = {{"the number of rows of x", 5, true}, {"rate", 0.3, false}};
  const std::vector<Quantity> seven = {{"the number of rows of x", 7, true}, {"rate", 0.3, false}};
  const Compared a = with(wrong(times(right_one, 0.2), right_one), five);
  const Compared b = with(wrong(times(right_one, 1.0 / 7), right_one), seven);
  EXPECT_EQ(relation({a, b}), "is what was expected divided by the number of rows of x");
  EXPECT_EQ(relation({a}), "is what was expected divided by the number of rows of x, 5");
  EXPECT_EQ(relation({with(wrong(times(right_one, 0.3), right_one), five)}),
            "is what was expected times rate, 0.3");
  // Without any row 0/0 is NaN, which is no other mistake; a number there would be one.
  const std::vector<Quantity> none = {{"the number of rows of x", 0, true}, {"rate", 0.3, false}};
  const Numbers zeros = times(right_one, 0);
  const Compared c = with(wrong(times(zeros, std::nan("")), zeros), none);
  EXPECT_EQ(relation({a, b, c}), "is what was expected divided by the number of rows of x");
  EXPECT_EQ(relation({a, b, with(wrong(right_one, zeros), none)}), "");
}

TEST(Relation, NamesNoFactorThatTwoThingsAre) {
  const std::vector<Quantity> square = {{"the number of rows of x", 5, true},
                                        {"the number of columns of x", 5, true}};
  EXPECT_EQ(relation({with(wrong(times(right_one, 0.2), right_one), square)}),
            "is 1/5 of what was expected");
}

TEST(Relation, NamesAnArrangement) {
  Numbers digits = matrix(784, 1, {}), upside_down = digits;
  for (int i = 0; i < 784; ++i) digits.values.push_back(0.37 * i * i + 1.7 * i);
  upside_down.values.assign(digits.values.rbegin(), digits.values.rend());
  EXPECT_EQ(relation({wrong(upside_down, digits)}), "has the right rows, but the last one first");
  const Numbers turned = matrix(2, 3, {some[0], some[2], some[4], some[1], some[3], some[5]});
  const Numbers backwards = matrix(3, 2, {some[4], some[5], some[2], some[3], some[0], some[1]});
  const Numbers shifted = matrix(3, 2, {some[2], some[3], some[4], some[5], some[0], some[1]});
  EXPECT_EQ(relation({wrong(turned, right_one)}), "is the transpose of what was expected");
  EXPECT_EQ(relation({wrong(backwards, right_one)}), "has the right rows, but the last one first");
  EXPECT_EQ(relation({wrong(shifted, right_one)}), "has the right rows, but in another order");
}

TEST(Relation, NamesAnEdge) {
  Numbers last = right_one, column = right_one;
  last.values[4] = 7.77;
  column.values[1] = column.values[3] = 9.99;
  EXPECT_EQ(relation({wrong(last, right_one)}), "is wrong in its last row only");
  EXPECT_EQ(relation({wrong(last, right_one), right(right_one)}), "") << "right there elsewhere";
  EXPECT_EQ(relation({wrong(column, right_one)}), "") << "a column of two may be either";
}

TEST(Relation, NamesWhatIsNothingNew) {
  const Numbers other = matrix(3, 2, {0.771, 0.3319, -1.8817, 2.3391, 0.6613, 5.1273});
  const Compared first = right(other);
  EXPECT_EQ(relation({first, wrong(other, right_one)}), "is what came from the call before");
  EXPECT_EQ(relation({with(wrong(other, right_one), {}, {{"x", other}})}), "is x, as it was given");
  EXPECT_EQ(relation({wrong(times(right_one, 0), right_one)}), "is 0 everywhere");
  Compared kept = wrong(other, right_one);
  kept.before = other;
  EXPECT_EQ(relation({kept}), "is left as it was");
  Numbers rounded = right_one;
  for (double& value : rounded.values) value = static_cast<float>(value);
  EXPECT_EQ(relation({wrong(rounded, right_one)}), "is right to the 7 digits of a float only");
}

TEST(Relation, NamesAStepThatGoesTheWrongWay) {
  const Numbers before = matrix(3, 2, {0.771, 0.3319, -1.8817, 2.3391, 0.6613, 5.1273});
  Compared step = wrong(before, before);
  step.before = before;
  for (std::size_t i = 0; i < some.size(); ++i) {
    step.got.values[i] += some[i];
    step.expected.values[i] -= some[i];
  }
  EXPECT_EQ(relation({step}), "moves in the opposite direction");
}

TEST(Relation, IsSilentWhereNumbersAgreeByChance) {
  EXPECT_EQ(relation({wrong(matrix(1, 1, {0.5}), matrix(1, 1, {0.25}))}), "") << "one number";
  EXPECT_EQ(relation({wrong(matrix(1, 1, {-some[0]}), matrix(1, 1, {some[0]}))}), "");
  EXPECT_EQ(relation({wrong(matrix(2, 2, {0, 0, 0, 0}), matrix(2, 2, {1, 0, 0, 1}))}), "");
  EXPECT_EQ(relation({wrong(matrix(2, 2, {2, 2, 2, 2}), matrix(2, 2, {1, 1, 1, 1}))}), "");
  EXPECT_EQ(relation({wrong(matrix(2, 2, {0, 1, 1, 0}), matrix(2, 2, {1, 0, 0, 1}))}), "");
  EXPECT_EQ(relation({right(right_one)}), "") << "nothing is wrong";
  EXPECT_EQ(relation({}), "");
}

TEST(Relation, IsSilentWhereSomethingContradicts) {
  const Compared twice = wrong(times(right_one, 2), right_one);
  EXPECT_EQ(relation({twice, wrong(times(right_one, 3), right_one)}), "");
  EXPECT_EQ(relation({twice, right(right_one)}), "");
  Compared nearly = twice;
  nearly.got.values[3] += 1e-5;
  EXPECT_EQ(relation({nearly}), "") << "but for one element";
}

TEST(Relation, IsSilentWhereTwoFit) {
  const Numbers odd = matrix(  // its reverse is its negative
      1, 6, {-some[0], -some[1], -some[2], some[2], some[1], some[0]});
  EXPECT_EQ(relation({wrong(times(odd, -1), odd)}), "");
  const Numbers twice = times(right_one, 2);
  EXPECT_EQ(relation({with(wrong(twice, right_one), {}, {{"x", twice}})}), "");
}

TEST(ComparedHere, SpeaksOfTheLineThatFailed) {
  begin_comparisons();
  remember_comparison(7, right(times(right_one, 3)));
  remember_comparison(8, wrong(times(right_one, 2), right_one));
  comparison_failed();
  remember_comparison(9, wrong(right_one, times(right_one, 5)));
  EXPECT_EQ(sentence_of_comparisons(), "what came is twice what was expected");
  begin_comparisons();
  EXPECT_EQ(sentence_of_comparisons(), "");
}

TEST(ComparedHere, SaysThatItWasRightBefore) {
  begin_comparisons();
  remember_comparison(8, right(right_one));
  remember_comparison(8, wrong(times(right_one, 2), right_one));
  comparison_failed();
  EXPECT_NE(sentence_of_comparisons().find("was expected before, and it came"), std::string::npos);
}

TEST(ContractNames, AreReadFromAChaptersFile) {
  const ContractNames names = read_contract_names(
      "GRADUS_STRUCT(Fit, net, loss)\n"
      "GRADUS_FUNCTION(void, descend, (Matrix & w, const Matrix& dw,\n  Scalar rate), w, dw, "
      "rate)\n"
      "GRADUS_FUNCTION(std::vector<std::vector<int>>, batches, (int n, Random& random), n, "
      "random)\n");
  EXPECT_EQ(names.members.at("Fit"), (std::vector<std::string>{"net", "loss"}));
  const Signature* descend = names.find("descend");
  ASSERT_NE(descend, nullptr);
  ASSERT_EQ(descend->parameters.size(), 3u);
  EXPECT_TRUE(descend->parameters[0].changed);
  EXPECT_EQ(descend->parameters[0].name, "w");
  EXPECT_EQ(descend->parameters[0].type, "Matrix");
  EXPECT_FALSE(descend->parameters[1].changed);
  EXPECT_EQ(descend->parameters[2].name, "rate");
  EXPECT_EQ(names.find("batches")->result, "std::vector<std::vector<int>>");
}

}  // namespace
}  // namespace gradus
