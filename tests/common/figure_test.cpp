// Figures: whole or not at all, the same bytes each time, every character as it is.

#include "common/figure.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>

namespace gradus {
namespace {

namespace fs = std::filesystem;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// An environment variable with another value, until the end of the block.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    const char* old = std::getenv(name);
    if (old != nullptr) old_ = old;
    had_ = old != nullptr;
    setenv(name, value.c_str(), 1);
  }
  ~Environment() { had_ ? setenv(name_, old_.c_str(), 1) : unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::string old_;
  bool had_ = false;
};

// Each test draws into a folder of its own.
class FigureTest : public ::testing::Test {
 protected:
  ~FigureTest() override { fs::remove_all(folder_); }

  static std::string bytes(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  // Draws, and returns what is in the file.
  static std::string drawn(const Figure& figure) {
    EXPECT_TRUE(figure.save());
    return bytes(figure.path());
  }

  int files() const {
    if (!fs::exists(folder_)) return 0;
    const fs::recursive_directory_iterator all(folder_);
    return static_cast<int>(
        std::count_if(begin(all), end(all),
                      [](const fs::directory_entry& entry) { return entry.is_regular_file(); }));
  }

  // A folder with a program called gnuplot in it, to be put before the others in PATH.
  std::string fake_gnuplot(const std::string& script) const {
    const fs::path bin = fs::path(folder_.string() + ".bin");
    fs::create_directories(bin);
    std::ofstream(bin / "gnuplot") << "#!/bin/sh\n" << script << '\n';
    fs::permissions(bin / "gnuplot", fs::perms::owner_all);
    return bin.string();
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("gradus_figure_test_" + std::to_string(getpid()));
  const Environment plots_{"GRADUS_PLOTS", folder_.string()};
};

// Those that need gnuplot.
class FigureDrawing : public FigureTest {
 protected:
  void SetUp() override {
    if (!Figure::available()) GTEST_SKIP() << Figure::why_unavailable();
  }
};

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

// The message of the exception that the function throws.
template <class Error>
std::string refusal(const std::function<void()>& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

void expect_refused(const std::function<void()>& function, const std::string& part) {
  const std::string message = refusal<std::invalid_argument>(function);
  EXPECT_NE(message.find(part), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

Grid bowl() {
  return tabulate(21, 31, {-3, 3}, {-2, 2}, [](double x, double y) { return x * x + y * y; });
}

// One panel of every kind.
Figure everything(const std::string& file) {
  Figure figure(file, "Everything at once", 1200, 900);
  figure.layout(3, 3);
  figure.panel("lines").x_axis("x").y_axis("y").log_y().line({1, 2, 3}, {1, 10, 1e4}, "a");
  figure.panel("ends").line({1, 2}, {1, 2}, "one").line({1, 2}, {3, 2}, "two").key(Key::line_ends);
  figure.panel("points").points({1, 2}, {1, 3}, "p").band({1, 2}, {0, 1}, {2, 3}).key(Key::right);
  figure.panel("bars").bars({"a", "b"}, {1, 2}, "one").bars({"a", "b"}, {2, 1}, "two");
  figure.panel("histogram").histogram({0.1, 0.2, 0.9}, 5, {0, 1}).vertical(0.5, "half");
  figure.panel("heat").heat(bowl(), Palette::diverging).colour_bar("z").contour(bowl(), {1, 2});
  figure.panel("contours").equal_axes().contour(bowl(), {1, 4}).arrow(0, 0, 1, 1).text(0, 0, "o");
  figure.panel("image").image({0, 0.5, 1, 0, 0.5, 1}, 2, 3);
  figure.panel("marks").square().log_x().horizontal(2, "two").line({1, 100}, {1, 3});
  return figure;
}

TEST_F(FigureDrawing, DrawsEveryKindCompletelyAndTheSameBytesTwice) {
  for (const std::string suffix : {".svg", ".png"}) {
    const std::string first = drawn(everything("every/one" + suffix));
    const std::string second = drawn(everything("every/two" + suffix));
    EXPECT_GT(first.size(), 10000u);
    EXPECT_TRUE(first == second) << suffix << ": " << first.size() << " and " << second.size();
  }
  EXPECT_EQ(bytes(folder_ / "every/one.svg").substr(0, 5), "<?xml");
  EXPECT_EQ(bytes(folder_ / "every/one.png").substr(1, 3), "PNG");
}

TEST_F(FigureDrawing, LeavesNothingButTheFigure) {
  EXPECT_TRUE(everything("one.svg").save());
  EXPECT_TRUE(everything("one.svg").save());  // in place of the first
  EXPECT_EQ(files(), 1);
}

TEST_F(FigureDrawing, PngHasTwiceThePixels) {
  const std::string png = drawn(everything("one.png"));
  const auto number = [&](std::size_t at) {  // big-endian, in the header
    return static_cast<unsigned char>(png[at + 2]) * 256 + static_cast<unsigned char>(png[at + 3]);
  };
  EXPECT_EQ(number(16), 2400);
  EXPECT_EQ(number(20), 1800);
}

TEST_F(FigureDrawing, ShowsEveryCharacterAsItIs) {
  const std::string label = "a_b^2{c}@d 'e' \"f\" \\g \\n `h` $i %j #k ~l; σ η ∂ × ½ − 100%";
  Figure figure("text.svg", label, 1400, 600);
  figure.panel(label).x_axis(label).y_axis(label).text(1, 1, label).line({1, 2}, {1, 2}, label);
  std::string svg = drawn(figure);
  // SVG writes some characters in its own way.
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = svg.find(from, at)) != std::string::npos; at += to.size())
      svg.replace(at, from.size(), to);
  };
  for (const char* pair : {"&quot;\"", "&apos;'", "&#39;'", "&lt;<", "&gt;>", "&amp;&"})
    replace(std::string(pair).substr(0, std::string(pair).size() - 1),
            std::string(1, std::string(pair).back()));
  EXPECT_EQ(count(svg, ">" + label + "<"), 8)
      << "title (as the SVG's name too), panel, two axes, note, key and plot";
}

TEST_F(FigureDrawing, ShowsNamesOfBarsAsTheyAre) {
  Figure figure("bars.svg", "");
  figure.panel().bars({"L2_norm", "50%", "a^b"}, {1, 2, 3});
  const std::string svg = drawn(figure);
  for (const char* name : {"L2_norm", "50%<", "a^b"}) EXPECT_EQ(count(svg, name), 1) << name;
}

TEST_F(FigureDrawing, ExecutesNothingThatItShows) {
  const fs::path trace = folder_ / "trace";
  Figure figure("text.svg", "`touch " + trace.string() + "`");
  figure.panel("\"; system(\"touch " + trace.string() + "\"); \"").line({1, 2}, {1, 2}, "\nexit 1");
  EXPECT_TRUE(figure.save());
  EXPECT_FALSE(fs::exists(trace));
}

TEST_F(FigureDrawing, LeavesGapsWhereThereIsNoNumber) {
  Figure whole("whole.svg", ""), holes("holes.svg", "");
  const Style style{.shape = Shape::circle};
  whole.panel()
      .x_axis("", {0, 6})
      .y_axis("", {0, 6})
      .line({1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}, "", style);
  holes.panel()
      .x_axis("", {0, 6})
      .y_axis("", {0, 6})
      .line({1, 2, 3, 4, 5}, {1, kNaN, 3, kInfinity, 5}, "", style);
  const std::string mark = "xlink:href='#gpPt6'";
  EXPECT_EQ(count(drawn(whole), mark), count(drawn(holes), mark) + 2);
}

TEST_F(FigureDrawing, SurvivesDataWithoutAnyNumber) {
  Figure figure("empty.svg", "", 1200, 800);
  figure.layout(3, 3);
  figure.panel().line({}, {}, "none").key(Key::line_ends);
  figure.panel().log_x().log_y().line({1, 2, 3}, {kNaN, -1, 0}, "none");
  figure.panel().points({kInfinity}, {-kInfinity}).text(kNaN, 0, "x").arrow(0, kNaN, 1, 1);
  figure.panel().vertical(kNaN, "x").horizontal(kInfinity, "y").line({1}, {1});
  figure.panel().heat({2, 2, {0, 1}, {0, 1}, {kNaN, kNaN, kNaN, kNaN}});
  figure.panel().contour({2, 2, {0, 1}, {0, 1}, {kNaN, 0, 1, kNaN}}, {0.5});
  figure.panel().contour(bowl(), {1e6}).contour(bowl(), {1});
  figure.panel().bars({"a", "b"}, {kNaN, 0}).histogram({kNaN, kInfinity}, 3, {0, 1});
  figure.panel();
  EXPECT_TRUE(figure.save());
}

TEST_F(FigureDrawing, SurvivesNumbersOfAnySize) {
  Figure figure("sizes.svg", "", 1200, 800);
  figure.layout(2, 3);
  figure.panel().line({1, 2}, {-1.7e308, 1.7e308});
  figure.panel().line({1, 2, 3}, {-1e299, 1, 1e299});
  figure.panel().log_y().line({1, 2, 3}, {4.9e-324, 1e-290, 1e290}, "tiny").key(Key::line_ends);
  figure.panel().line({1, 2}, {1, std::nextafter(1.0, 2.0)});
  figure.panel().x_axis("", {1, std::nextafter(1.0, 2.0)}).line({1, 2}, {7, 7});
  figure.panel().log_y().horizontal(0, "nothing there").vertical(1).line({1, 2}, {5, 5});
  EXPECT_TRUE(figure.save());
}

TEST_F(FigureDrawing, SharedKeyNamesEachLabelOnce) {
  Figure figure("shared.svg", "");
  figure.layout(1, 2).shared_key();
  for (int k = 0; k < 2; ++k)
    figure.panel().line({1, 2}, {1, 2}, "training").line({1, 2}, {2, 1}, "test");
  const std::string svg = drawn(figure);
  EXPECT_EQ(count(svg, "<text>training<"), 1);
  EXPECT_EQ(count(svg, "<text>test<"), 1);
}

TEST_F(FigureDrawing, AnSvgNamesTheFigureAndNotItsGnuplot) {
  Figure figure("named.svg", "w & b for x < 1");
  figure.panel().line({1, 2}, {1, 2});
  const std::string svg = drawn(figure);
  EXPECT_EQ(count(svg, "<title>w &amp; b for x &lt; 1</title>"), 1);
  EXPECT_EQ(count(svg, "GNUPLOT"), 0) << "another version would change every committed figure";
}

TEST_F(FigureDrawing, EachFurtherLayoutOfAGifIsAFrame) {
  Figure figure("race.gif", "A race");
  figure.layout(1, 2);
  for (int frame = 0; frame < 3; ++frame)
    for (int k = 0; k < 2; ++k) figure.panel().x_axis("", {0, 3}).points({1.0 * frame}, {1.0 * k});
  const std::string gif = drawn(figure);
  EXPECT_EQ(count(gif, std::string("\x21\xf9\x04", 3)), 3);
}

TEST_F(FigureDrawing, IgnoresTheLocaleAndTheUsersSettings) {
  const std::string before = drawn(everything("one.svg"));
  const fs::path home = folder_ / "home";
  fs::create_directories(home);
  std::ofstream(home / ".gnuplot") << "set title 'mine'\nset decimalsign ','\nexit status 1\n";
  const Environment home_folder("HOME", home.string()), language("LC_ALL", "de_DE.UTF-8");
  EXPECT_TRUE(before == drawn(everything("one.svg")));
}

TEST_F(FigureDrawing, IgnoresTheUsersTerminalAndFonts) {
  const std::string before = drawn(everything("one.svg"));
  const std::string picture = drawn(everything("one.png"));
  for (const char* terminal : {"x11", "qt", "wxt"}) {
    const Environment term("GNUTERM", terminal);
    EXPECT_TRUE(before == drawn(everything("one.svg"))) << terminal;
  }
  const Environment term("GNUTERM", "nonsense"), library("GNUPLOT_LIB", "/nowhere");
  const Environment driver("GNUPLOT_DRIVER_DIR", "/nowhere"), folder("GDFONTPATH", "/nowhere");
  const Environment font("GNUPLOT_DEFAULT_GDFONT", "nothing"), language("LANG", "tr_TR.UTF-8");
  const Environment numbers("LC_NUMERIC", "de_DE.UTF-8"), date("SOURCE_DATE_EPOCH", "1");
  EXPECT_TRUE(picture == drawn(everything("one.png")));
}

TEST_F(FigureDrawing, AGnuplotThatHangsIsEnded) {
  const Environment path("PATH", fake_gnuplot("exec sleep 60") + ":" + std::getenv("PATH"));
  const Environment patience("GRADUS_FIGURE_SECONDS", "0.2");
  const std::string message = refusal<std::runtime_error>([] { everything("a/one.svg").save(); });
  EXPECT_NE(message.find("not done after 0.2 s"), std::string::npos) << message;
  EXPECT_EQ(files(), 0);
  fs::remove_all(folder_.string() + ".bin");
}

TEST_F(FigureDrawing, DrawsIntoAFolderOfAnyName) {
  const Environment plots("GRADUS_PLOTS", (folder_ / "it's a \"folder\" | ü").string());
  EXPECT_TRUE(everything("chapter/one.svg").save());
  EXPECT_EQ(files(), 1);
}

TEST_F(FigureDrawing, AFailingGnuplotIsOneClearLineAndLeavesNothing) {
  const std::pair<const char*, const char*> cases[] = {
      {"echo 'line 7: no such terminal' >&2; exit 1", "gnuplot failed: line 7: no such terminal"},
      {"exit 3", "exit status 3"},
      {"kill -9 $$", "signal 9"},
      {"exit 0", "incomplete file"},
      {"sed -n \"s/^set output \\\"\\(.*\\)\\\"/\\1/p\" | while read f; do echo '<svg>' > \"$f\"; "
       "done",
       "incomplete file"},
  };
  for (const auto& [script, part] : cases) {
    const Environment path("PATH", fake_gnuplot(script) + ":" + std::getenv("PATH"));
    const std::string message = refusal<std::runtime_error>([] { everything("a/one.svg").save(); });
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_NE(message.find("a/one.svg"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_EQ(files(), 0) << script;
  }
  fs::remove_all(folder_.string() + ".bin");
}

TEST_F(FigureDrawing, AFailureKeepsTheFigureThatWasThere) {
  const std::string before = drawn(everything("one.svg"));
  {
    const Environment path("PATH", fake_gnuplot("exit 1") + ":" + std::getenv("PATH"));
    EXPECT_THROW(everything("one.svg").save(), std::runtime_error);
  }
  EXPECT_TRUE(before == bytes(folder_ / "one.svg"));
  EXPECT_EQ(files(), 1);
  fs::remove_all(folder_.string() + ".bin");
}

TEST_F(FigureTest, WithoutGnuplotNothingIsDrawnAndNothingIsWrong) {
  const Environment path("PATH", folder_.string());
  EXPECT_FALSE(Figure::available());
  EXPECT_FALSE(Figure::why_unavailable().empty());
  EXPECT_FALSE(everything("one.svg").save());
  EXPECT_EQ(files(), 0);
}

TEST_F(FigureTest, TheFolderOfThePlotsCanBeChosen) {
  EXPECT_EQ(Figure("02_xor_mlp/loss.svg", "").path(), (folder_ / "02_xor_mlp/loss.svg").string());
  const Environment plots("GRADUS_PLOTS", "");
  EXPECT_TRUE(Figure("loss.svg", "").path().ends_with("/plots/loss.svg"));
}

TEST_F(FigureTest, AMeasuredFigureLeavesTheCommittedCopyAlone) {
  Figure figure("10_matmul/rungs.svg", "");
  EXPECT_EQ(&figure.measured(), &figure);
  EXPECT_EQ(figure.path(), (folder_ / "10_matmul/rungs.svg").string()) << "a chosen folder counts";
  const Environment plots("GRADUS_PLOTS", "");
  EXPECT_EQ(figure.path(), GRADUS_ROOT "/build/plots/10_matmul/rungs.svg");
}

TEST_F(FigureTest, RefusesNamesThatAreNone) {
  for (const char* name : {"", "loss", ".svg", "chapter/", "chapter/.svg", "loss.pdf", "loss.SVG",
                           "/tmp/loss.svg", "../loss.svg", "a/../../loss.svg", "a\nb.svg"})
    EXPECT_THROW(Figure(name, ""), std::invalid_argument) << name;
  EXPECT_NO_THROW(Figure("a..b/c..svg", ""));
  EXPECT_THROW(Figure("loss.svg", "", 0, 400), std::invalid_argument);
  EXPECT_THROW(Figure("loss.svg", "", 400, 100000), std::invalid_argument);
}

TEST_F(FigureTest, RefusesWhatDoesNotFitTogether) {
  Panel panel("curves");
  expect_refused(
      [&] {
        panel.line({1, 2}, {1, 2, 3}, "loss");
      },
      "\"loss\": columns of 2 and 3 values");
  expect_refused([&] { panel.points({1}, {}); }, "1 and 0");
  expect_refused([&] { panel.band({1, 2}, {1, 2}, {1}); }, "2 and 1");
  expect_refused([&] { panel.bars({"a"}, {1, 2}); }, "1 and 2");
  expect_refused([&] { panel.bars({}, {}); }, "names");
  expect_refused([&] { panel.histogram({1, 2}, {1, 2}); }, "2 edges for 2 heights");
  expect_refused([&] { panel.histogram({1, 2}, 0, {0, 1}); }, "bin");
  expect_refused([&] { panel.histogram({1, 2}, 3, {1, 0}); }, "lo < hi");
  expect_refused([&] { panel.heat({2, 3, {0, 1}, {0, 1}, {1, 2, 3}}); }, "3 values");
  expect_refused([&] { panel.heat({1, 2, {0, 1}, {0, 1}, {1, 2}}); }, "at least 2");
  expect_refused([&] { panel.heat({-2, -2, {0, 1}, {0, 1}, {1, 2, 3, 4}}); }, "at least 2");
  expect_refused([&] { panel.heat({2, 2, {1, 1}, {0, 1}, {1, 2, 3, 4}}); }, "extent");
  expect_refused([&] { panel.contour(bowl(), {}); }, "levels");
  expect_refused([&] { panel.contour(bowl(), {kNaN}); }, "levels");
  expect_refused([&] { panel.image({1, 2, 3}, 2, 2); }, "3 values");
  expect_refused([&] { panel.x_axis("epoch", {0, kInfinity}); }, "\"epoch\"");
  expect_refused([&] { panel.x_tics({1, 2}, {"a"}); }, "1 names for 2");
  expect_refused(
      [] {
        tabulate(1, 5, {0, 1}, {0, 1}, [](double, double) { return 0; });
      },
      "at least");
}

TEST_F(FigureTest, ARefusedLayerIsNotDrawn) {
  if (!Figure::available()) GTEST_SKIP() << Figure::why_unavailable();
  Figure figure("one.svg", "");
  Panel& panel = figure.panel().line({1, 2}, {1, 2}, "good");
  EXPECT_THROW(panel.line({1, 2}, {1}, "bad"), std::invalid_argument);
  EXPECT_EQ(count(drawn(figure), ">bad<"), 0);
}

TEST_F(FigureTest, RefusesMorePanelsThanTheLayoutHas) {
  Figure figure("one.svg", "");
  figure.layout(1, 2);
  figure.panel();
  figure.panel();
  expect_refused([&] { figure.panel(); }, "1×2");
  expect_refused([&] { figure.layout(2, 2); }, "before any panel");
  expect_refused([] { Figure("two.svg", "").layout(0, 2); }, "from 1×1");
}

TEST_F(FigureDrawing, RefusesToDrawWhatCannotBeShown) {
  expect_refused([] { Figure("none.svg", "").save(); }, "no panel");
  Figure crowded("crowded.svg", "", 100, 100);
  crowded.layout(10, 10).panel("one").x_axis("x").y_axis("y").line({1, 2}, {1, 2});
  expect_refused([&] { crowded.save(); }, "no room");
  Figure negative("negative.svg", "");
  negative.panel().log_y().y_axis("loss", {-1, 1}).line({1, 2}, {1, 2});
  expect_refused([&] { negative.save(); }, "must be positive");
  EXPECT_EQ(files(), 0);
}

}  // namespace
}  // namespace gradus
