// The checker of translations, tried on a small book and on what could slip through it.
#include <gtest/gtest.h>

#include "grading/base/files.hpp"
#include "tests/tools/tools_fixture.hpp"

namespace gradus {
namespace {

const char* const english = R"(# 07 Momentum

Read [the notation](notation.md#sizes) first. A gradient of −0.9 at 30 steps is $w \cdot x$
in `momentum_step`.

It remembers the **learning rate** of 2 epochs.

## The question

| rate | loss |
|---|---|
| 0.1 | $L = 2$ |
| 0.2 | `nan` |

- the first of four layers
- the second, [here](#the-question)

1. Do this:

   ```console
   $ echo 1
   1
   ```

2. Then that.

$$v \leftarrow \mu v
- dw .$$

![Paths](../plots/a.svg)
)";

const char* const korean = R"(# 07 모멘텀

먼저 [기호](notation.md#크기)를 읽는다. `momentum_step`에서 $w \cdot x$는 30 스텝에
기울기가 −0.9이다.

**학습률**은 에폭 2를 기억한다.

## 질문

| 학습률 | 손실 |
|---|---|
| 0.1 | $L = 2$ |
| 0.2 | `nan` |

- 층 4개 가운데 첫째
- 둘째, [여기](#질문)

1. 이렇게 한다:

   ```console
   $ echo 1
   1
   ```

2. 그다음에 저렇게 한다.

$$v \leftarrow \mu v
- dw .$$

![경로](../../plots/a.svg)
)";

const char* const glossary =
    "# Glossary\n\n| Korean | English |\n|---|---|\n"
    "| 학습률 | learning rate |\n| 기울기 | gradient |\n| 층, 레이어 | layer |\n| 손실 | loss |\n";

std::string replaced(std::string text, const std::string& old, const std::string& with) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), with);
}

class Book {
 public:
  Book() {
    write("docs/07.md", english);
    write("docs/ko/07.md", korean);
    write("docs/notation.md", "# Notation\n\n## Sizes\n");
    write("docs/ko/notation.md", "# 기호\n\n## 크기\n");
    write("docs/glossary.md", glossary);
    write("docs/ko/glossary.md", replaced(glossary, "# Glossary", "# 용어"));
    write("plots/a.svg", "");
    EXPECT_EQ(check({"--stamp"}).exit_code, 0) << said_;
  }

  void write(const std::string& name, const std::string& text) {
    write_text(folder_.path() / name, text);
  }
  std::string read(const std::string& name) const { return read_text(folder_.path() / name); }
  void change(const std::string& name, const std::string& old, const std::string& with) {
    write(name, replaced(read(name), old, with));
  }
  Outcome check(const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = {"--root", folder_.path().string()};
    append(arguments, options);
    const Outcome outcome = run_tool("translations", arguments);
    said_ = outcome.output;
    return outcome;
  }
  void remove(const std::string& name) { std::filesystem::remove(folder_.path() / name); }

  // One finding, and this is in it.
  void expect(const std::string& finding) {
    const Outcome outcome = check();
    EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
    EXPECT_TRUE(has_text(outcome.output, finding)) << outcome.output;
    EXPECT_EQ(last_line(outcome.output).substr(last_line(outcome.output).find(": ")),
              ": 1 findings")
        << outcome.output;
  }

 private:
  TemporaryFolder folder_;
  std::string said_;
};

// One change in the Korean page makes one finding.
void expect_found(const std::string& old, const std::string& with, const std::string& finding) {
  Book book;
  book.change("docs/ko/07.md", old, with);
  book.expect(finding);
}

TEST(Translations, AreTheSame) {
  Book book;
  EXPECT_EQ(book.check().output, "3 pages, 15 blocks: the same in both languages\n");
}

TEST(Translations, MustBeThere) {
  Book book;
  book.remove("docs/ko/notation.md");
  const Outcome outcome = book.check();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has_text(outcome.output, "docs/notation.md:1: has no docs/ko/notation.md"))
      << outcome.output;
  book.remove("docs/07.md");
  EXPECT_TRUE(has_text(book.check().output, "docs/ko/07.md:1: has no docs/07.md"));
  book.remove("docs/glossary.md");
  EXPECT_EQ(book.check().exit_code, 2);
}

TEST(Translations, HaveEveryBlock) {
  Book book;
  const std::string page = book.read("docs/ko/07.md");
  const std::size_t from = page.rfind("<!--", page.find("**학습률**"));
  book.write("docs/ko/07.md", page.substr(0, from) + page.substr(page.find("## 질문")));
  EXPECT_TRUE(has_text(book.check().output,
                       "docs/07.md:6: this paragraph is not in docs/ko/07.md: 'It remembers"));
  Book another;
  another.change("docs/ko/07.md", "**학습률**은 에폭 2를 기억한다.\n\n", "");
  EXPECT_TRUE(
      has_text(another.check().output, "docs/ko/07.md:8: a hash that stands in front of no block"));
  EXPECT_TRUE(has_text(another.check().output, "docs/07.md:6: this paragraph is not in"));
}

TEST(Translations, HaveNothingMore) {
  expect_found("$$v", "새 문단이다.\n\n$$v", "this paragraph is not in docs/07.md: '새 문단이다.'");
  Book book;
  book.change("docs/ko/07.md", "## 질문", "### 질문");
  EXPECT_TRUE(has_text(book.check().output,
                       "docs/07.md:8: this heading is not in docs/ko/07.md: 'The question'"));
}

TEST(Translations, KeepTheOrderOfParagraphs) {
  Book book;
  const std::string page = book.read("docs/ko/07.md");
  const std::size_t a = page.find("<!--", page.find("모멘텀")), b = page.find("<!--", a + 1),
                    c = page.find("<!--", b + 1);
  book.write("docs/ko/07.md",
             page.substr(0, a) + page.substr(b, c - b) + page.substr(a, b - a) + page.substr(c));
  const Outcome outcome = book.check();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has_text(outcome.output, "at this place, but at line")) << outcome.output;
}

TEST(Translations, KeepNumbers) {
  expect_found("−0.9", "−0.8", "numbers lacking: −0.9; not in the English: −0.8");
  expect_found("−0.9", "0.9", "numbers lacking: −0.9");
  expect_found("에폭 2를", "에폭 두 번을", "numbers lacking: 2");
  expect_found("4개", "5개", "numbers not in the English: 5");
  expect_found("| 0.2 |", "| 0.3 |", "numbers lacking: 0.2");
}

TEST(Translations, CountMillionsInTenThousands) {
  Book book;
  book.change("docs/07.md", "of 2 epochs", "of 1.2 million epochs");
  book.change("docs/ko/07.md", "에폭 2를", "120만 에폭을");
  EXPECT_EQ(book.check({"--renew", "docs/07.md"}).exit_code, 0);
  book.change("docs/ko/07.md", "120만", "12만");
  book.expect("numbers lacking: 1.2; not in the English: 12");
}

TEST(Translations, KeepFormulas) {
  expect_found("$w \\cdot x$", "$w + x$", "formulas lacking: $w \\cdot x$");
  expect_found("\\mu v\n- dw", "\\mu v\n+ dw", "the formula of docs/07.md:");
  expect_found("$L = 2$", "$L = 3$", "formulas lacking: $L = 2$");
}

TEST(Translations, KeepCode) {
  expect_found("`momentum_step`", "`momentum`", "code marks lacking: `momentum_step`");
  expect_found("   1\n", "   2\n", "the code block of docs/07.md:22 reads otherwise from here on");
  expect_found("```console", "```console within=1%", "reads otherwise from here on");
}

TEST(Translations, KeepTheShapeOfTablesAndLists) {
  expect_found("| 0.2 | `nan` |\n", "", "4 cells, where docs/07.md:10 has 6");
  expect_found("- 둘째,", "  - 둘째,", "2 items, where docs/07.md:15 has 2 arranged otherwise");
  Book book;
  book.change("docs/ko/07.md", "| 0.1 | $L = 2$ |", "| $L = 2$ | 0.1 |");
  EXPECT_TRUE(has_text(book.check().output, "formulas not in the English: $L = 2$"));
}

TEST(Translations, LeadToTheSamePlaces) {
  expect_found("notation.md#크기", "notation.md", "links lacking: docs/notation.md#1");
  expect_found("notation.md#크기", "../notation.md#sizes", "docs/notation.md in English#1");
  expect_found("(#질문)", "(#07-모멘텀)", "links lacking: docs/07.md#1");
  expect_found("![경로](../../plots/a.svg)", "[경로](../../plots/a.svg)",
               "links lacking: !plots/a.svg");
}

TEST(Translations, HaveNoDeadLinks) {
  Book book;
  book.change("docs/ko/07.md", "notation.md#크기", "notation.md#sizes");
  EXPECT_TRUE(
      has_text(book.check().output, "a dead link: docs/ko/notation.md has no heading #sizes"));
  Book other;
  other.change("docs/ko/07.md", "../../plots", "../plots");
  EXPECT_TRUE(has_text(other.check().output, "a dead link: docs/plots/a.svg is not there"));
}

TEST(Translations, SeeThatTheEnglishHasChanged) {
  Book book;
  book.change("docs/07.md", "It remembers", "It recalls");
  book.expect(
      "the English has changed since, docs/07.md:6: 'It recalls the **learning rate** of 2 …' / "
      "'**학습률**은 에폭 2를 기억한다.'");
  EXPECT_EQ(book.check({"--stamp"}).exit_code, 1);  // it was not read again
  EXPECT_EQ(book.check({"--renew", "docs/07.md"}).exit_code, 0);
  book.change("docs/07.md", "It recalls the **learning", "It recalls\nthe **learning");
  EXPECT_EQ(book.check().exit_code, 0);  // other lines, the same words
}

TEST(Translations, StampNothingThatDoesNotPair) {
  Book book;
  book.write("docs/ko/07.md", replaced(korean, "$$v", "새 문단이다.\n\n$$v"));
  EXPECT_EQ(book.check({"--stamp"}).exit_code, 1);
  EXPECT_FALSE(has_text(book.read("docs/ko/07.md"), "<!--"));
}

TEST(Translations, KeepHashesInsideOfLists) {
  Book book;
  EXPECT_TRUE(has_text(book.read("docs/ko/07.md"), "\n   <!-- en ")) << book.read("docs/ko/07.md");
}

TEST(Translations, UseTheGlossarysTerms) {
  expect_found("**학습률**은", "**배움률**은", "'learning rate' without 학습률");
  expect_found("기울기가", "경사가", "'gradient' without 기울기");
  expect_found("| 손실 |", "| 잃음 |", "'loss' without 손실");
  Book book;
  book.change("docs/ko/07.md", "- 층 4개", "- 레이어 4개");  // another form of the same
  EXPECT_EQ(book.check().exit_code, 0);
}

TEST(Translations, HaveTheParticlesOfTheirTerms) {
  expect_found("**학습률**은", "**학습률**는", "학습률는: the particle should be 은");
  expect_found("기울기가", "기울기이", "기울기이: the particle should be 가");
}

TEST(Translations, AllowExceptionsThatAreNeeded) {
  const std::string file = "tests/tools/translations/exceptions.txt";
  Book book;
  book.change("docs/ko/07.md", "층 4개", "켜 4개");
  book.write(file, "# why\n* | layer | four layers | a cake\n");
  EXPECT_EQ(book.check().exit_code, 0);
  book.write(file, "docs/notation.md | layer | four layers | a cake\n");
  EXPECT_TRUE(has_text(book.check().output, "'layer' without 층"));
  EXPECT_TRUE(has_text(book.check().output, "exceptions.txt:1: an exception that nothing needs"));
  book.write(file, "* | layer | four layers\n");
  EXPECT_EQ(book.check().exit_code, 2);
}

TEST(Translations, LeaveTheNotesHeadingsAlone) {
  Book book;
  book.change("docs/07.md", "| 0.2 |", "| 손실 (Layer) / Gradient: 0.2 of it |");
  book.change("docs/ko/07.md", "| 0.2 |", "| 손실 (Layer) / Gradient: 그 0.2 |");
  EXPECT_EQ(book.check({"--renew", "docs/07.md"}).exit_code, 0);
  book.change("docs/07.md", "of it |", "of its layer |");
  EXPECT_TRUE(has_text(book.check({"--renew", "docs/07.md"}).output, "'layer' without 층"));
}

TEST(Translations, LeaveTitlesAlone) {
  const auto said_of = [](const std::string& source) {
    Book book;
    book.write("docs/notation.md", "# Notation\n\n## Sizes\n\n1. " + source);
    book.write("docs/ko/notation.md", "# 기호\n\n## 크기\n\n1. " + source);
    return book.check({"--renew", "docs/notation.md"}).output;
  };
  EXPECT_TRUE(has_text(said_of("Kim, *On the rate\n   of it*, 1951\n"), "the same in both"));
  EXPECT_TRUE(has_text(said_of("Kim, *On the rate of it*\n"), "not translated: 'Kim,"));
  EXPECT_TRUE(
      has_text(said_of("See also this one: *On the rate*, 1951\n"), "not translated: 'See"));
}

TEST(Translations, AreTranslated) {
  Book book;
  book.write("docs/notation.md", "# Notation\n\n## Sizes\n\nNobody has read this.\n");
  book.write("docs/ko/notation.md", "# 기호\n\n## 크기\n\nNobody has read this.\n");
  EXPECT_TRUE(has_text(book.check({"--renew", "docs/notation.md"}).output,
                       "docs/ko/notation.md:8: not translated: 'Nobody has read this.'"));
}

}  // namespace
}  // namespace gradus
