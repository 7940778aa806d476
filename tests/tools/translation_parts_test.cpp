// The parts of the checker of translations.
#include <gtest/gtest.h>

#include "tests/tools/translations/places.hpp"
#include "tests/tools/translations/terms.hpp"
#include "tests/tools/translations/unicode.hpp"

namespace gradus {
namespace {

using Texts = std::vector<std::string>;

Texts kinds_of(const std::string& markdown) {
  Texts kinds;
  for (const Block& block : split_blocks(markdown).blocks) kinds.emplace_back(name_of(block.kind));
  return kinds;
}

TEST(Unicode, GoesThereAndBack) {
  const std::string text = "a é − 학습률 😀";
  EXPECT_EQ(to_utf8(from_utf8(text)), text);
  EXPECT_EQ(from_utf8(text).size(), 11u);
  EXPECT_EQ(first_words("하나 둘 셋", 4), "하나 둘 …");
}

TEST(Hangul, KnowsWhatStandsBelowTheVowel) {
  EXPECT_EQ(final_of(U'가'), Final::none);
  EXPECT_EQ(final_of(U'률'), Final::rieul);
  EXPECT_EQ(final_of(U'층'), Final::other);
}

TEST(Blocks, AreThoseOfMarkdown) {
  EXPECT_EQ(kinds_of("# A\ntext\n- item\n  more\n\n> said\n\n<details>\nx\n</details>\n"),
            (Texts{"heading", "paragraph", "list", "quotation", "HTML block"}));
  EXPECT_EQ(kinds_of("|x| is a size,\nno table\n"), Texts{"paragraph"});
  EXPECT_EQ(kinds_of("text\n| a | b |\n|---|:-:|\n| 1 | 2 |\n"), (Texts{"paragraph", "table"}));
  EXPECT_EQ(kinds_of("$$a\n- b$$\n"), Texts{"formula"});
  EXPECT_EQ(kinds_of("$$a$$ and $$b$$\n"), Texts{"paragraph"});
  EXPECT_EQ(kinds_of("```\n# no heading\n\n- no list\n```\n"), Texts{"code block"});
  EXPECT_EQ(kinds_of("Run\n\n    ./a\n    ./b\n\nand\n    so on\n"),
            (Texts{"paragraph", "code block", "paragraph"}));
  EXPECT_EQ(kinds_of("- Run\n\n    this\n"), (Texts{"list", "paragraph"}));
  EXPECT_EQ(kinds_of("in the year\n1984. It was\n"), Texts{"paragraph"});
}

TEST(Blocks, HaveCellsAndItems) {
  const BlockPage page = split_blocks("| a \\| b | `c` |\n|---|---|\n| 1 | |\n\n- x\n  y\n- z\n");
  ASSERT_EQ(page.blocks.size(), 2u);
  ASSERT_EQ(page.blocks[0].parts.size(), 4u);
  EXPECT_EQ(page.blocks[0].parts[0].text, " a \\| b ");
  EXPECT_EQ(page.blocks[0].parts[3].row, 2);
  ASSERT_EQ(page.blocks[1].parts.size(), 2u);
  EXPECT_EQ(page.blocks[1].parts[0].text, "x\n  y");
}

TEST(Blocks, HaveAHashOfTheirWords) {
  const auto hash = [](const std::string& text) { return split_blocks(text).blocks[0].hash(); };
  EXPECT_EQ(hash("a"), "e40c292c");  // FNV-1a's published value
  EXPECT_EQ(hash("one two"), hash("one\ntwo\n"));
  EXPECT_NE(hash("one two"), hash("one, two"));
}

TEST(Numbers, AreDigitsWithTheirSignsAndPowers) {
  EXPECT_EQ(numbers_in(U"−0.9, 10⁻⁷ and 1,000. L2 K-1 (-3)"),
            (Bag{{"−0.9", 1}, {"10⁻⁷", 1}, {"1,000", 1}, {"2", 1}, {"1", 1}, {"−3", 1}}));
  EXPECT_EQ(millions_in(U"1.2 million, 60 million, 3.25 million of 7 millionths, 5"),
            (std::vector<std::pair<std::string, std::string>>{
                {"1.2", "120"}, {"60", "6000"}, {"3.25", "325"}}));
  EXPECT_EQ(number_words_in(U"Four of the second, often"), (Bag{{"4", 1}, {"2", 1}}));
}

TEST(Prose, LeavesCodeFormulasAndTargetsOut) {
  const Prose prose = read_prose("**A** `b 1` $c_2$ [d `e`](f.md#3 \"t\") costs $5 and $6 \\*");
  EXPECT_EQ(to_utf8(prose.words), "A \uFFFC \uFFFC d \uFFFC costs $5 and $6 *");
  EXPECT_EQ(prose.code, (Bag{{"`b 1`", 1}, {"`e`", 1}}));
  EXPECT_EQ(prose.formulas, (Bag{{"$c_2$", 1}}));
  ASSERT_EQ(prose.links.size(), 1u);
  EXPECT_EQ(prose.links[0].target, "f.md#3");
  EXPECT_EQ(prose.numbers, (Bag{{"5", 1}, {"6", 1}}));
}

TEST(Anchors, AreGitHubs) {
  EXPECT_EQ(anchor_of("What ε is for: `a_b` — twice?"), "what-ε-is-for-a_b--twice");
  EXPECT_EQ(anchor_of("강의 노트가 틀린 곳, 서로 다른 곳"), "강의-노트가-틀린-곳-서로-다른-곳");
  EXPECT_EQ(anchors_of(split_blocks("# A\n\n## A\n")), (Texts{"a", "a-1"}));
}

Texts found_in(Glossary& glossary, const std::string& text) {
  Texts found;
  for (const Term* term : glossary.terms_in("page", from_utf8(text)))
    found.push_back(to_utf8(term->korean.front()));
  return found;
}

TEST(Terms, AreWholeWordsAndTheLongest) {
  Glossary glossary(split_blocks(
      "| Korean | symbol | English |\n|---|---|---|\n| 학습률 | $\\eta$ | learning rate |\n"
      "| 비율 | | rate |\n| 페널티 | | penalty |\n| 은닉층/숨은 층 | H | hidden layer |\n"
      "| L1/L2 규제 | | L1/L2 regularization |\n| 스텝 | | step (of an optimizer) |\n"));
  EXPECT_EQ(found_in(glossary, "Learning rates, and a learning, rate"), (Texts{"학습률", "비율"}));
  EXPECT_EQ(found_in(glossary, "penalties of the layer's step"), (Texts{"페널티", "스텝"}));
  EXPECT_EQ(found_in(glossary, "separate rated rate.hpp rate_of hidden. Layer"), Texts{});
  EXPECT_EQ(found_in(glossary, "the hidden  layers"), Texts{"은닉층"});
  EXPECT_EQ(found_in(glossary, "its \"hidden layer\" and a penalty"), Texts{"페널티"});
  EXPECT_EQ(found_in(glossary, "L1/L2 regularization"), Texts{"L1/L2 규제"});
  EXPECT_TRUE(holds_term(U"숨은 층이", glossary.terms_in("", U"hidden layer").at(0)[0]));
}

TEST(Terms, MayLackWhatStandsInParentheses) {
  Glossary glossary("자비에(Xavier)", "Xavier");
  EXPECT_TRUE(holds_term(U"자비에 초기화", glossary.terms()[0]));
  EXPECT_TRUE(holds_term(U"자비에(xavier)", glossary.terms()[0]));
  EXPECT_FALSE(holds_term(U"초기화", glossary.terms()[0]));
}

TEST(Particles, FollowTheFinalConsonant) {
  const auto wrong = [](const std::string& korean, const std::u32string& text) {
    return Glossary(korean, "word").wrong_particles(text);
  };
  for (const auto* right : {U"학습률이", U"학습률을", U"학습률은", U"학습률과", U"학습률로"})
    EXPECT_EQ(wrong("학습률", right), Texts{}) << to_utf8(right);
  for (const auto* bad : {U"학습률가", U"학습률를 ", U"학습률는.", U"학습률와,", U"학습률으로"})
    EXPECT_EQ(wrong("학습률", bad).size(), 1u) << to_utf8(bad);
  for (const auto* bad : {U"층로", U"층가"}) EXPECT_EQ(wrong("층", bad).size(), 1u) << to_utf8(bad);
  for (const auto* bad : {U"배치으로", U"배치과 "})
    EXPECT_EQ(wrong("배치", bad).size(), 1u) << to_utf8(bad);
  EXPECT_EQ(wrong("모멘텀(momentum)", U"모멘텀(momentum)는"),
            Texts{"모멘텀(momentum)는: the particle should be 은"});
}

TEST(Particles, AreNotSeenInOtherWords) {
  const auto wrong = [](const std::string& korean, const std::u32string& text) {
    return Glossary(korean, "word").wrong_particles(text);
  };
  for (const auto* text : {U"배치이다", U"배치 이", U"배치에서는", U"배치", U"배치은닉"})
    EXPECT_EQ(wrong("배치", text), Texts{}) << to_utf8(text);
  EXPECT_EQ(wrong("층", U"층와전"), Texts{});
}

}  // namespace
}  // namespace gradus
