// Figures for a lecturer's projector, in one look. The only door to gnuplot.
//
//   Figure figure("02_xor_mlp/loss.svg", "XOR is learned after a long plateau");
//   figure.panel()
//       .x_axis("epoch")
//       .y_axis("squared error").log_y()
//       .line(epochs, losses, "seed 0")
//       .line(epochs, others, "seed 1", {.dashed = true})
//       .key(Key::line_ends);
//   figure.save();
//
// The suffix chooses the format: .svg for lines, .png (twice the pixels) for images and densities,
// .gif for an animation. Text may hold any character and is shown as it is; titles are wrapped.
// NaN, infinity and, on a log axis, 0 and less are gaps. What makes no sense throws
// std::invalid_argument.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gradus {

// Okabe and Ito's colours, which everybody can tell apart, in the order of use (without yellow,
// which a projector loses); grey is for context.
enum class Colour { next, blue, vermillion, green, orange, purple, sky, black, grey, white };
enum class Shape { none, circle, square, triangle, diamond, cross, ring };
enum class Palette { sequential, diverging, ink };  // ink: 0 is paper, 1 is black
enum class Key { above, right, line_ends, none };   // line_ends: each label at the end of its line
enum class Align { left, centre, right };

struct Style {
  Colour colour = Colour::next;  // of the panel, in that order
  double width = 2.5;            // of lines, in pixels
  bool dashed = false;
  Shape shape = Shape::none;  // a line has no points unless it is given a shape
  double size = 1;            // of points
  double opacity = 1;
};

struct Range {
  double lo = 0, hi = 0;  // {}: from the data; hi < lo turns an axis round
  bool automatic() const { return lo == hi; }
};

using Values = std::vector<double>;
using Names = std::vector<std::string>;

// Values over a rectangle, row after row: row 0 at y.lo, column 0 at x.lo, the last at y.hi, x.hi.
struct Grid {
  int rows = 0, cols = 0;
  Range x, y;
  Values values;
};
Grid tabulate(int rows, int cols, Range x, Range y, const std::function<double(double, double)>& f);

// One set of axes. Every function returns the panel, so that calls can be chained.
class Panel {
 public:
  explicit Panel(std::string title) : title_(std::move(title)) {}

  Panel& x_axis(std::string label, Range range = {});
  Panel& y_axis(std::string label, Range range = {});
  Panel& x_tics(Values at, Names names = {});
  Panel& y_tics(Values at, Names names = {});
  Panel& no_tics();
  Panel& log_x();
  Panel& log_y();
  Panel& square();      // as wide as high
  Panel& equal_axes();  // one unit of x as long as one of y
  Panel& key(Key key);  // Key::above unless called

  Panel& line(Values xs, Values ys, std::string label = "", Style style = {});
  Panel& points(Values xs, Values ys, std::string label = "", Style style = {});
  Panel& band(Values xs, Values lo, Values hi, std::string label = "", Style style = {});

  // A second call with the same names sets its bars beside the first ones.
  Panel& bars(Names names, Values heights, std::string label = "", Style style = {});
  // Counts of the values in equal bins over a range; what lies outside is not counted.
  Panel& histogram(const Values& values, int bins, Range range, std::string label = "",
                   Style style = {});
  // heights[i] between edges[i] and edges[i + 1].
  Panel& histogram(const Values& edges, Values heights, std::string label = "", Style style = {});

  Panel& heat(const Grid& grid, Palette palette = Palette::sequential, Range values = {});
  Panel& colour_bar(std::string label);
  Panel& contour(const Grid& grid, Values levels, Style style = {Colour::grey, 1.2});
  // A picture, row 0 on top, without axes: a digit, or weights with Palette::diverging.
  Panel& image(Values values, int rows, int cols, Palette palette = Palette::ink,
               Range range = {0, 1});

  Panel& text(double x, double y, const std::string& text, Align align = Align::left,
              Colour colour = Colour::black);
  Panel& arrow(double x0, double y0, double x1, double y1, Style style = {Colour::black, 1.5});
  Panel& vertical(double x, const std::string& text = "", Style style = {Colour::grey, 1.5, true});
  Panel& horizontal(double y, const std::string& text = "",
                    Style style = {Colour::grey, 1.5, true});

 private:
  friend class Drawing;  // writes a figure in gnuplot's language

  struct Axis {
    std::string label;
    Range range;
    bool log = false, tics = true;
    Values at;     // tics, if they were given
    Names names;   // of those tics
    Values shown;  // must lie in an automatic range, besides the data
    void set(std::string text, Range wanted);
    void mark(Values places, Names texts);
  };
  struct Layer {
    std::string use, how;  // gnuplot: "using 1:2", "with lines lc rgb '#0072b2' lw 2.5"
    std::string label;     // in the key, unless empty
    Colour colour = Colour::black;
    std::vector<Values> columns;
    std::size_t y_columns = 1;  // of the columns, how many after x are y
    bool padded = false;        // needs air around it
    std::size_t grid_cols = 0;  // of contours,
    Values levels;              // and where they are
  };
  Layer& add(std::string use, std::string how, std::string label, Colour colour,
             std::vector<Values> columns);
  void note(const std::string& text, const std::string& where, Colour colour);
  Style coloured(Style style);

  std::string title_, colour_bar_;
  std::string palette_;  // gnuplot commands, empty without a heat map
  Axis x_, y_;
  std::vector<Layer> layers_;
  Names notes_;  // gnuplot commands
  Key key_ = Key::above;
  bool square_ = false, equal_axes_ = false;
  int colours_taken_ = 0, bar_series_ = 0;
};

class Figure {
 public:
  // file is "chapter/name.suffix" in the plots folder: $GRADUS_PLOTS, or else plots/ of the
  // project. Width and height are in pixels of the page.
  Figure(std::string file, std::string title, int width = 720, int height = 440);

  // It shows times or speeds, which no other run repeats: goes to build/plots/ instead of plots/,
  // where the committed copies are, and leaves those alone.
  Figure& measured();
  Figure& layout(int rows, int cols);    // of panels; 1×1 unless called, before any panel
  Figure& shared_key();                  // one key for all panels, each label once
  Panel& panel(std::string title = "");  // the next cell, row after row; in a .gif, when the
                                         // layout is full, the first one of the next frame

  // Draws the file, whole or not at all: throws std::runtime_error with gnuplot's complaint when
  // that fails or takes a minute ($GRADUS_FIGURE_SECONDS). False, and nothing drawn, where
  // available() is false.
  bool save() const;
  std::string path() const;

  static bool available();
  static std::string why_unavailable();  // "" when available

 private:
  friend class Drawing;

  std::string file_, title_;
  int width_, height_, rows_ = 1, cols_ = 1;
  bool shared_key_ = false, measured_ = false;
  std::deque<Panel> panels_;
};

}  // namespace gradus
