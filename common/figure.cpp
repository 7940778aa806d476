#include "common/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <utility>

#if GRADUS_HAVE_GNUPLOT
#include <gnuplot-iostream.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <locale>
#endif

#ifndef GRADUS_ROOT
#define GRADUS_ROOT "."
#endif

namespace gradus {
namespace {

namespace fs = std::filesystem;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check(bool ok, const std::string& message) {
  if (!ok) throw std::invalid_argument(message);
}

// Text as gnuplot reads it in double quotes: no character means anything but itself.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '"' || c == '\\' || c == '`' || c == '@')
      out += fmt::format("\\{:03o}", static_cast<int>(c));
    else if (static_cast<unsigned char>(c) < ' ')
      out += ' ';
    else
      out += c;
  }
  return out + '"';
}

std::string rgb(Colour colour, double opacity = 1) {
  constexpr std::array kHex = {0x000000, 0x0072b2, 0xd55e00, 0x009e73, 0xe69f00,
                               0xcc79a7, 0x56b4e9, 0x000000, 0xf0e442, 0x808080};
  const int transparent = static_cast<int>(std::lround(255 * (1 - std::clamp(opacity, 0.0, 1.0))));
  return fmt::format("rgb '#{:02x}{:06x}'", transparent, kHex[static_cast<std::size_t>(colour)]);
}

std::string stroke(const Style& style) {
  return fmt::format(" lc {} lw {} dt {}", rgb(style.colour, style.opacity), style.width,
                     style.dashed ? "(8,5)" : "solid");
}

std::string fill(const Style& style, double opacity = 1) {
  return fmt::format(" lc {} fs solid noborder", rgb(style.colour, opacity * style.opacity));
}

std::string marker(Shape shape, double size) {
  constexpr std::array kPointType = {7, 7, 5, 9, 13, 2, 6};
  return fmt::format(" pt {} ps {}", kPointType[static_cast<std::size_t>(shape)], 0.8 * size);
}

std::string ramp(Palette palette) {
  switch (palette) {
    case Palette::sequential: return "(0 '#f7fbff', 1 '#9ecae1', 2 '#0072b2', 3 '#08306b')";
    case Palette::diverging: return "(0 '#0072b2', 1 '#f7f7f7', 2 '#d55e00')";
    case Palette::ink: break;
  }
  return "(0 '#ffffff', 1 '#000000')";
}

// The range of the finite values (of the positive ones on a log axis); {} when there are none.
Range extent(const Values& values, bool log = false) {
  Range range{kNaN, kNaN};
  for (double v : values) {
    if (!std::isfinite(v) || (log && v <= 0)) continue;
    range.lo = std::isnan(range.lo) ? v : std::min(range.lo, v);
    range.hi = std::isnan(range.hi) ? v : std::max(range.hi, v);
  }
  return std::isnan(range.lo) ? Range{} : range;
}

// The three columns x, y and value of a grid.
std::vector<Values> columns(const Grid& grid) {
  check(grid.rows >= 2 && grid.cols >= 2, "grid: needs at least 2 rows and 2 columns");
  const auto size = static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.cols);
  check(grid.values.size() == size, fmt::format("grid: {} values, but {} rows of {}",
                                                grid.values.size(), grid.rows, grid.cols));
  std::vector<Values> xyz(3);
  for (int i = 0; i < grid.rows; ++i)
    for (int j = 0; j < grid.cols; ++j) {
      xyz[0].push_back(grid.x.lo + (grid.x.hi - grid.x.lo) * j / (grid.cols - 1));
      xyz[1].push_back(grid.y.lo + (grid.y.hi - grid.y.lo) * i / (grid.rows - 1));
    }
  xyz[2] = grid.values;
  return xyz;
}

}  // namespace

Grid tabulate(int rows, int cols, Range x, Range y,
              const std::function<double(double, double)>& f) {
  check(rows >= 2 && cols >= 2, "tabulate: needs at least 2 rows and 2 columns");
  Grid grid{rows, cols, x, y, Values(static_cast<std::size_t>(rows * cols))};
  const std::vector<Values> xyz = columns(grid);
  for (std::size_t k = 0; k < grid.values.size(); ++k) grid.values[k] = f(xyz[0][k], xyz[1][k]);
  return grid;
}

// ---- A panel collects layers, each one element of gnuplot's plot command ----

Panel& Panel::x_axis(std::string label, Range range) {
  x_.label = std::move(label);
  x_.range = range;
  return *this;
}

Panel& Panel::y_axis(std::string label, Range range) {
  y_.label = std::move(label);
  y_.range = range;
  return *this;
}

Panel& Panel::x_tics(Values at, Names names) {
  check(names.empty() || names.size() == at.size(), "x_tics: as many names as positions");
  x_.at = std::move(at);
  x_.names = std::move(names);
  return *this;
}

Panel& Panel::y_tics(Values at, Names names) {
  check(names.empty() || names.size() == at.size(), "y_tics: as many names as positions");
  y_.at = std::move(at);
  y_.names = std::move(names);
  return *this;
}

Panel& Panel::no_tics() { return x_.tics = y_.tics = false, *this; }
Panel& Panel::log_x() { return x_.log = true, *this; }
Panel& Panel::log_y() { return y_.log = true, *this; }
Panel& Panel::square() { return square_ = true, *this; }
Panel& Panel::equal_axes() { return equal_axes_ = true, *this; }
Panel& Panel::key(Key key) { return key_ = key, *this; }
Panel& Panel::colour_bar(std::string label) { return colour_bar_ = std::move(label), *this; }

// The next colour of the panel, in the order of use, unless the caller chose one.
Style Panel::coloured(Style style) {
  constexpr int kInOrder = static_cast<int>(Colour::yellow);
  if (style.colour == Colour::automatic)
    style.colour = static_cast<Colour>(colours_taken_++ % kInOrder + 1);
  return style;
}

Panel::Layer& Panel::add(std::string use, std::string how, std::string label, Colour colour,
                         std::vector<Values> columns) {
  for (Values& column : columns) {
    check(column.size() == columns[0].size(),
          fmt::format("panel \"{}\", \"{}\": columns of {} and {} values", title_, label,
                      columns[0].size(), column.size()));
    for (double& v : column)
      if (!std::isfinite(v)) v = kNaN;
  }
  layers_.push_back({std::move(use), std::move(how), std::move(label), colour, std::move(columns)});
  return layers_.back();
}

Panel& Panel::line(Values xs, Values ys, std::string label, Style style) {
  style = coloured(style);
  std::string how = "with lines";
  if (style.shape != Shape::none) how = "with linespoints " + marker(style.shape, style.size);
  add("using 1:2", how + stroke(style), std::move(label), style.colour,
      {std::move(xs), std::move(ys)});
  return *this;
}

Panel& Panel::points(Values xs, Values ys, std::string label, Style style) {
  style = coloured(style);
  if (!palette_.empty())  // on a heat map, a white rim
    add("using 1:2", "with points lc rgb '#ffffff'" + marker(style.shape, 1.4 * style.size), "",
        style.colour, {xs, ys});
  add("using 1:2", "with points" + stroke(style) + marker(style.shape, style.size),
      std::move(label), style.colour, {std::move(xs), std::move(ys)})
      .padded = true;
  return *this;
}

Panel& Panel::band(Values xs, Values lo, Values hi, std::string label, Style style) {
  style = coloured(style);
  add("using 1:2:3", "with filledcurves" + fill(style, 0.25), std::move(label), style.colour,
      {std::move(xs), std::move(lo), std::move(hi)})
      .y_columns = 2;
  return *this;
}

// gnuplot's variables bar_width and bar_shift hold what depends on the number of series.
Panel& Panel::bars(Names names, Values heights, std::string label, Style style) {
  check(!names.empty(), "bars: no names");
  style = coloured(style);
  Values xs;
  for (std::size_t i = 0; i < names.size(); ++i) xs.push_back(static_cast<double>(i));
  x_.shown = {-0.6, xs.back() + 0.6};
  y_.shown.push_back(0);
  x_tics(xs, std::move(names));
  add(fmt::format("using ($1+bar_shift({})):2:(bar_width)", bar_series_++), "with boxes" + fill(style),
      std::move(label), style.colour, {std::move(xs), std::move(heights)});
  return *this;
}

Panel& Panel::histogram(const Values& values, int bins, Range range, std::string label,
                        Style style) {
  check(bins >= 1 && range.lo < range.hi, "histogram: needs at least one bin and lo < hi");
  Values edges, counts(static_cast<std::size_t>(bins), 0);
  const double width = (range.hi - range.lo) / bins;
  for (int i = 0; i <= bins; ++i) edges.push_back(range.lo + width * i);
  for (double v : values)
    if (v >= range.lo && v <= range.hi)
      ++counts[std::min(counts.size() - 1, static_cast<std::size_t>((v - range.lo) / width))];
  return histogram(edges, std::move(counts), std::move(label), style);
}

Panel& Panel::histogram(const Values& edges, Values heights, std::string label, Style style) {
  check(edges.size() == heights.size() + 1, fmt::format("histogram: {} edges for {} heights",
                                                        edges.size(), heights.size()));
  style = coloured(style);
  Values centres, widths;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    centres.push_back((edges[i] + edges[i + 1]) / 2);
    widths.push_back(edges[i + 1] - edges[i]);
  }
  x_.shown = edges;
  y_.shown.push_back(0);
  add("using 1:2:3", "with boxes" + fill(style), std::move(label), style.colour,
      {std::move(centres), std::move(heights), std::move(widths)});
  return *this;
}

Panel& Panel::heat(const Grid& grid, Palette palette, Range values) {
  add("using 1:2:3", "with image pixels", "", Colour::black, columns(grid));
  if (values.automatic()) values = extent(grid.values);
  if (values.automatic()) values.hi = values.lo + 1;
  palette_ = fmt::format("set palette defined {}\nset cbrange [{}:{}]\n", ramp(palette), values.lo,
                         values.hi);
  if (x_.range.automatic()) x_.range = grid.x;
  if (y_.range.automatic()) y_.range = grid.y;
  return *this;
}

Panel& Panel::image(Values values, int rows, int cols, Palette palette, Range range) {
  const Range x{0, cols - 1.0}, y{0, rows - 1.0};
  heat({rows, cols, x, y, std::move(values)}, palette, range);
  x_.range = {-0.5, cols - 0.5};
  y_.range = {rows - 0.5, -0.5};
  return no_tics().equal_axes();
}

// Each cell of the grid is halved; in a triangle a level is a straight line between two sides.
Panel& Panel::contour(const Grid& grid, const Values& levels, Style style) {
  const std::vector<Values> xyz = columns(grid);
  Values xs, ys;
  const auto cross = [&](std::size_t a, std::size_t b, double level) {
    const double za = xyz[2][a] - level, zb = xyz[2][b] - level;
    if (!std::isfinite(za - zb) || (za < 0) == (zb < 0)) return;
    xs.push_back(xyz[0][a] + (xyz[0][b] - xyz[0][a]) * za / (za - zb));
    ys.push_back(xyz[1][a] + (xyz[1][b] - xyz[1][a]) * za / (za - zb));
  };
  const auto cols = static_cast<std::size_t>(grid.cols);
  for (double level : levels)
    for (std::size_t k = 0; k + cols + 1 < xyz[2].size(); ++k) {
      if (k % cols == cols - 1) continue;
      for (std::size_t corner : {k + 1, k + cols}) {
        cross(k, corner, level);
        cross(corner, k + cols + 1, level);
        cross(k, k + cols + 1, level);
        if (!xs.empty() && !std::isnan(xs.back())) {
          xs.push_back(kNaN);  // the end of this piece
          ys.push_back(kNaN);
        }
      }
    }
  if (x_.range.automatic()) x_.range = grid.x;
  if (y_.range.automatic()) y_.range = grid.y;
  return line(std::move(xs), std::move(ys), "", style);
}

// ---- Notes ----

Panel& Panel::text(double x, double y, const std::string& text, Align align, Colour colour) {
  constexpr std::array kAlign = {"left", "center", "right"};
  notes_.push_back(fmt::format("set label {} at {},{} {} noenhanced front tc {}", quoted(text), x,
                               y, kAlign[static_cast<std::size_t>(align)], rgb(colour)));
  return *this;
}

Panel& Panel::arrow(double x0, double y0, double x1, double y1, Style style) {
  style = coloured(style);
  notes_.push_back(fmt::format("set arrow from {},{} to {},{} head filled size screen 0.012,20 front{}",
                               x0, y0, x1, y1, stroke(style)));
  return *this;
}

Panel& Panel::vertical(double x, const std::string& text, Style style) {
  style = coloured(style);
  x_.shown.push_back(x);
  notes_.push_back(fmt::format("set arrow from first {0}, graph 0 to first {0}, graph 1 nohead{1}", x,
                               stroke(style)));
  notes_.push_back(fmt::format("set label {} at first {}, graph 0.96 left offset char 0.6,0 "
                               "noenhanced front tc {}", quoted(text), x, rgb(style.colour)));
  return *this;
}

Panel& Panel::horizontal(double y, const std::string& text, Style style) {
  style = coloured(style);
  y_.shown.push_back(y);
  notes_.push_back(fmt::format("set arrow from graph 0, first {0} to graph 1, first {0} nohead{1}", y,
                               stroke(style)));
  notes_.push_back(fmt::format("set label {} at graph 0.99, first {} right offset char 0,0.6 "
                               "noenhanced front tc {}", quoted(text), y, rgb(style.colour)));
  return *this;
}

// ---- A figure ----

Figure::Figure(std::string file, std::string title, int width, int height)
    : file_(std::move(file)), title_(std::move(title)), width_(width), height_(height) {
  const fs::path name(file_);
  const std::string suffix = name.extension().string();
  check(!name.stem().empty() && name.is_relative(),
        fmt::format("figure \"{}\": the name must be like chapter/name.svg", file_));
  check(std::find(name.begin(), name.end(), "..") == name.end(),
        fmt::format("figure \"{}\": the name must not lead out of the plots folder", file_));
  check(suffix == ".svg" || suffix == ".png" || suffix == ".gif",
        fmt::format("figure \"{}\": the suffix must be .svg, .png or .gif", file_));
  check(width >= 100 && height >= 100 && width <= 4000 && height <= 4000,
        fmt::format("figure \"{}\": {}×{} pixels; must be from 100 to 4000", file_, width, height));
}

Figure& Figure::layout(int rows, int cols) {
  check(rows >= 1 && cols >= 1 && panels_.empty(),
        fmt::format("figure \"{}\": layout must be at least 1×1 and come before any panel", file_));
  rows_ = rows;
  cols_ = cols;
  return *this;
}

Figure& Figure::shared_key() { return shared_key_ = true, *this; }

Panel& Figure::panel(std::string title) {
  const auto cells = static_cast<std::size_t>(rows_ * cols_);
  check(panels_.size() < cells || file_.ends_with(".gif"),
        fmt::format("figure \"{}\": more than {} panels in a layout of {}×{}", file_, cells, rows_,
                    cols_));
  return panels_.emplace_back(std::move(title));
}

std::string Figure::path() const {
  const char* folder = std::getenv("GRADUS_PLOTS");
  const bool given = folder != nullptr && *folder != '\0';
  return (fs::path(given ? folder : GRADUS_ROOT "/plots") / file_).string();
}

bool Figure::available() { return why_unavailable().empty(); }

#if !GRADUS_HAVE_GNUPLOT

std::string Figure::why_unavailable() { return "built without gnuplot-iostream"; }
bool Figure::save() const { return false; }

#else
// ---- From here on, gnuplot ----

namespace {

constexpr double kLine = 19, kGlyph = 8.2;  // height of a line and width of a letter, in pixels

std::size_t glyphs(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

double text_width(const std::string& text) { return kGlyph * static_cast<double>(glyphs(text)); }

// The lines of a text, broken at spaces so that each fits into a width.
Names wrapped(const std::string& text, double width) {
  Names lines;
  std::istringstream paragraphs(text);
  for (std::string paragraph; std::getline(paragraphs, paragraph);) {
    std::istringstream words(paragraph);
    std::string line;
    for (std::string word; words >> word;) {
      if (!line.empty() && text_width(line + ' ' + word) > width) lines.push_back(std::exchange(line, ""));
      line += (line.empty() ? "" : " ") + word;
    }
    lines.push_back(line);
  }
  return lines;
}

struct Tic {
  double at;
  std::string label;  // none: a small tic between two decades
};

struct Margins {
  double left = 8, right = 8, top = 8, bottom = 8;
};

struct Box {  // in pixels from the top left
  double left, top, right, bottom;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

std::string number(double v) {
  std::string text = fmt::format("{:.6g}", v), out;
  for (char c : text) out += c == '-' ? std::string("−") : std::string(1, c);
  return out;
}

std::vector<Tic> linear_tics(Range range, double most) {
  const double lo = std::min(range.lo, range.hi), span = std::abs(range.hi - range.lo);
  double step = std::pow(10, std::floor(std::log10(span / most)));
  for (double factor : {2.0, 2.5, 2.0})
    if (span / step > most) step *= factor;
  std::vector<Tic> tics;
  for (double k = std::ceil(lo / step - 1e-9); k * step <= lo + span * (1 + 1e-9); ++k)
    tics.push_back({k * step, number(k * step)});
  return tics;
}

std::vector<Tic> log_tics(Range range, double most) {
  const double lo = std::min(range.lo, range.hi), hi = std::max(range.lo, range.hi);
  const int first = static_cast<int>(std::floor(std::log10(lo) + 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(hi) - 1e-9));
  const int every = static_cast<int>(std::ceil((last - first + 1) / most));
  const bool plain = first >= -3 && last <= 4, few = last - first <= 2;
  std::vector<Tic> tics;
  for (int e = first; e <= last; ++e)
    for (int digit = 1; digit <= (every == 1 ? 9 : 1); ++digit) {
      const double at = digit * std::pow(10, e);
      if (at < lo * (1 - 1e-9) || at > hi * (1 + 1e-9)) continue;
      const bool decade = digit == 1 && e % every == 0;
      const bool labelled = decade || (few && plain && (digit == 2 || digit == 5));
      std::string label = plain ? number(at) : "10^{" + number(e) + "}";
      tics.push_back({at, labelled ? label : ""});
    }
  return tics;
}

// The largest of 1, 2 and 5 times a power of ten that is not above v, or of powers of ten alone.
double snap_down(double v, bool decades) {
  const double decade = std::pow(10, std::floor(std::log10(v) + 1e-9));
  for (double factor : {5.0, 2.0})
    if (!decades && factor * decade <= v * (1 + 1e-9)) return factor * decade;
  return decade;
}

Range log_range(Range range) {
  if (range.automatic()) range = range.lo > 0 ? Range{range.lo / 2, range.lo * 2} : Range{1, 10};
  const bool decades = range.hi / range.lo > 100;
  return {snap_down(range.lo, decades), 1 / snap_down(1 / range.hi, decades)};
}

double longest(const Names& labels) {
  double most = 0;
  for (const std::string& label : labels) most = std::max(most, text_width(label));
  return most;
}

double longest(const std::vector<Tic>& tics) {
  double most = 0;
  for (const Tic& tic : tics)
    most = std::max(most, tic.label.starts_with("10^{") ? 5 * kGlyph : text_width(tic.label));
  return most;
}

}  // namespace

// Writes one figure in gnuplot's language.
class Drawing {
 public:
  Drawing(const Figure& figure, Gnuplot& gp) : figure_(figure), gp_(gp) {}
  void draw(const std::string& file);

 private:
  struct Plot {
    const Panel& panel;
    Range x, y;
    std::vector<Tic> x_tics, y_tics;
    Names title, labels;
    Margins margins;
    Box box;
  };

  static Range range(const Panel::Axis& axis, const Panel& panel, bool is_y);
  static std::vector<Tic> tics(const Panel::Axis& axis, Range range, double pixels, double each);
  Plot plan(const Panel& panel) const;
  void place(std::vector<Plot>& plots) const;
  void keep_aspect(Plot& plot) const;
  Margins margins(const Plot& plot) const;
  double key_rows(const Names& labels, double width) const;

  void page(std::size_t first);
  void frame(const std::vector<Plot>& plots);
  void panel(const Plot& plot);
  void axis(char name, const Panel::Axis& axis, Range range, const std::vector<Tic>& tics);
  void key(const Names& labels, const Box& box);
  void line_ends(const Plot& plot);
  void colour_bar(const Plot& plot);
  void layers(const Panel& panel, bool in_key);
  void lines(const Names& text, double x, double top, const std::string& font);
  void box(const Box& box);
  std::string at(double x, double y) const;

  const Figure& figure_;
  Gnuplot& gp_;
};

// ---- Where everything goes ----

Range Drawing::range(const Panel::Axis& axis, const Panel& panel, bool is_y) {
  if (!axis.range.automatic()) return axis.range;
  Values values = axis.shown;
  bool padded = is_y;
  for (const Panel::Layer& layer : panel.layers_) {
    for (int k = is_y ? 1 : 0; k <= (is_y ? layer.y_columns : 0); ++k) {
      const Values& column = layer.columns[static_cast<std::size_t>(k)];
      values.insert(values.end(), column.begin(), column.end());
    }
    padded = padded || layer.padded;
  }
  Range range = extent(values, axis.log);
  if (axis.log) return log_range(range);
  if (range.automatic() && range.lo != 0)
    range = {range.lo - std::abs(range.lo) / 2, range.lo + std::abs(range.lo) / 2};
  if (range.automatic()) return {0, 1};
  const double pad = padded ? 0.06 * (range.hi - range.lo) : 0;
  const bool from_zero = is_y && range.lo >= 0 && range.lo < 0.3 * range.hi;
  return {from_zero ? 0 : range.lo - pad, is_y && range.hi == 0 ? 0 : range.hi + pad};
}

std::vector<Tic> Drawing::tics(const Panel::Axis& axis, Range range, double pixels, double each) {
  std::vector<Tic> tics;
  for (std::size_t i = 0; i < axis.at.size(); ++i)
    tics.push_back({axis.at[i], axis.names.empty() ? number(axis.at[i]) : axis.names[i]});
  if (!axis.tics) return {};
  if (!tics.empty()) return tics;
  const double most = std::max(2.0, pixels / each);
  return axis.log ? log_tics(range, most) : linear_tics(range, most);
}

Drawing::Plot Drawing::plan(const Panel& panel) const {
  const double width = static_cast<double>(figure_.width_) / figure_.cols_;
  const double height = static_cast<double>(figure_.height_) / figure_.rows_;
  Plot plot{panel, range(panel.x_, panel, false), range(panel.y_, panel, true), {}, {}, {}, {}, {}, {}};
  plot.x_tics = tics(panel.x_, plot.x, width - 90, 75);
  plot.y_tics = tics(panel.y_, plot.y, height - 90, 38);
  plot.title = wrapped(panel.title_, width - 16);
  for (const Panel::Layer& layer : panel.layers_)
    if (!layer.label.empty()) plot.labels.push_back(layer.label);
  plot.margins = margins(plot);
  return plot;
}

Margins Drawing::margins(const Plot& plot) const {
  const Panel& panel = plot.panel;
  Margins margins;
  if (!plot.y_tics.empty()) margins.left += longest(plot.y_tics) + 8;
  if (!panel.y_.label.empty()) margins.left += kLine + 4;
  if (!plot.x_tics.empty()) margins.bottom += kLine + 4, margins.right += 12;
  if (!panel.x_.label.empty()) margins.bottom += kLine + 4;
  if (!plot.title.empty()) margins.top += kLine * static_cast<double>(plot.title.size());
  if (!panel.colour_bar_.empty()) margins.right += 90;
  if (plot.labels.empty() || figure_.shared_key_) return margins;
  const double width = static_cast<double>(figure_.width_) / figure_.cols_ - margins.left - margins.right;
  if (panel.key_ == Key::above) margins.top += kLine * key_rows(plot.labels, width) + 4;
  if (panel.key_ == Key::right) margins.right += longest(plot.labels) + 50;
  if (panel.key_ == Key::line_ends) margins.right += longest(plot.labels);
  return margins;
}

// Cells of a column share their left and right margins, cells of a row the others, so that all
// boxes are of one size and in line.
void Drawing::place(std::vector<Plot>& plots) const {
  const auto cols = static_cast<std::size_t>(figure_.cols_), rows = static_cast<std::size_t>(figure_.rows_);
  std::vector<Margins> col(cols), row(rows);
  for (std::size_t k = 0; k < plots.size(); ++k) {
    const Margins& m = plots[k].margins;
    Margins &c = col[k % cols], &r = row[k / cols];
    c.left = std::max(c.left, m.left), c.right = std::max(c.right, m.right);
    r.top = std::max(r.top, m.top), r.bottom = std::max(r.bottom, m.bottom);
  }
  const auto sum = [](const std::vector<Margins>& all, auto... side) {
    double total = 0;
    for (const Margins& m : all) total += ((m.*side) + ...);
    return total;
  };
  const double header = header_height();
  const double width = (figure_.width_ - sum(col, &Margins::left, &Margins::right)) / figure_.cols_;
  const double height =
      (figure_.height_ - header - sum(row, &Margins::top, &Margins::bottom)) / figure_.rows_;
  check(width >= 20 && height >= 20,
        fmt::format("figure \"{}\": {}×{} pixels leave no room for the panels", figure_.file_,
                    figure_.width_, figure_.height_));
  double top = header;
  for (std::size_t i = 0, k = 0; i < rows; ++i) {
    double left = 0;
    top += row[i].top;
    for (std::size_t j = 0; j < cols && k < plots.size(); ++j, ++k) {
      left += col[j].left;
      plots[k].box = {left, top, left + width, top + height};
      keep_aspect(plots[k]);
      left += width + col[j].right;
    }
    top += height + row[i].bottom;
  }
}

// Shrinks the box of a panel that asked for a shape, around its centre.
void Drawing::keep_aspect(Plot& plot) const {
  if (!plot.panel.square_ && !plot.panel.equal_axes_) return;
  Box& box = plot.box;
  double aspect = 1;  // width by height
  if (plot.panel.equal_axes_) aspect = std::abs((plot.x.hi - plot.x.lo) / (plot.y.hi - plot.y.lo));
  const double spare_x = std::max(0.0, box.width() - box.height() * aspect) / 2;
  const double spare_y = std::max(0.0, box.height() - box.width() / aspect) / 2;
  box = {box.left + spare_x, box.top + spare_y, box.right - spare_x, box.bottom - spare_y};
}

double Drawing::header_height() const {
  const std::size_t lines = wrapped(figure_.title_, (figure_.width_ - 20) / kTitleScale).size();
  double height = lines == 0 ? 0 : 12 + kTitleLine * static_cast<double>(lines);
  if (figure_.shared_key_) height += 4 + kLine * key_rows(shared_labels_, figure_.width_ - 40.0);
  return height;
}

double Drawing::key_columns(const Names& labels, double width) {
  return std::max(1.0, std::floor(width / (longest(labels) + kSample)));
}

double Drawing::key_rows(const Names& labels, double width) {
  return std::ceil(static_cast<double>(labels.size()) / key_columns(labels, width));
}

// ---- Writing it down ----

std::string Drawing::at(double x, double y) const {
  return fmt::format("screen {}, screen {}", x / figure_.width_, 1 - y / figure_.height_);
}

void Drawing::draw(const std::string& file) {
  const int w = figure_.width_, h = figure_.height_;
  if (file_type(figure_.file_) == ".svg")
    gp_ << fmt::format("set terminal svg size {},{} fixed enhanced rounded font 'sans-serif,14' "
                       "background '#ffffff'\n", w, h);
  else if (file_type(figure_.file_) == ".png")
    gp_ << fmt::format("set terminal pngcairo size {},{} enhanced rounded font 'sans,10.5' fontscale 2 "
                       "linewidth 2 pointscale 2 background '#ffffff'\n", 2 * w, 2 * h);
  else
    gp_ << fmt::format("set terminal gif animate delay 12 loop 0 size {},{} enhanced font 'sans,10.5' "
                       "background '#ffffff'\n", w, h);
  gp_ << "set encoding utf8\nset output " << quoted(file) << '\n';
  const auto cells = static_cast<std::size_t>(figure_.rows_ * figure_.cols_);
  for (std::size_t first = 0; first < figure_.panels_.size(); first += cells) {
    std::vector<Plot> plots;
    for (std::size_t k = first; k < std::min(first + cells, figure_.panels_.size()); ++k)
      plots.push_back(plan(figure_.panels_[k]));
    place(plots);
    gp_ << "set multiplot\n";
    header();
    for (const Plot& plot : plots) panel(plot);
    gp_ << "unset multiplot\n";
  }
  gp_ << "set output\n";
}

// The title and the shared key: a plot of nothing over the whole page.
void Drawing::header() {
  reset({0, 0, figure_.width_ + 0.0, figure_.height_ + 0.0});
  const Names title = wrapped(figure_.title_, (figure_.width_ - 20) / kTitleScale);
  lines(title, figure_.width_ / 2.0, 8 + kTitleLine / 2, kTitleLine, "font ',+3:Bold'");
  gp_ << "unset border\nunset tics\nset xrange [0:1]\nset yrange [0:1]\n";
  if (figure_.shared_key_)
    key(shared_labels_, figure_.width_ / 2.0, 12 + kTitleLine * static_cast<double>(title.size()), figure_.width_ - 40.0);
  gp_ << "plot NaN notitle";
  Names drawn;
  for (const Panel& panel : figure_.panels_)
    for (const Panel::Layer& layer : panel.layers_)
      if (figure_.shared_key_ && !layer.label.empty() &&
          std::find(drawn.begin(), drawn.end(), layer.label) == drawn.end()) {
        drawn.push_back(layer.label);
        gp_ << ", NaN " << layer.how << " title " << quoted(layer.label) << " noenhanced";
      }
  gp_ << '\n';
}

void Drawing::reset(const Box& box) {
  gp_ << "reset\nunset key\nunset colorbox\nset style fill solid noborder\n"
      << fmt::format("set lmargin at screen {}\nset rmargin at screen {}\n", box.left / figure_.width_,
                     box.right / figure_.width_)
      << fmt::format("set tmargin at screen {}\nset bmargin at screen {}\n",
                     1 - box.top / figure_.height_, 1 - box.bottom / figure_.height_);
}

void Drawing::panel(const Plot& plot) {
  const Panel& panel = plot.panel;
  const Box& box = plot.box;
  const bool surface = !panel.palette_.empty();
  reset(box);
  gp_ << "set border " << (surface ? 15 : 3) << " lw 1 lc rgb '#606060'\n";
  if (!surface) gp_ << "set grid back lt 1 lw 1 dt solid lc rgb '#e4e4e4'\n";
  axis('x', panel.x_, plot.x, plot.x_tics);
  axis('y', panel.y_, plot.y, plot.y_tics);
  for (const std::string& note : panel.notes_) gp_ << note << '\n';
  gp_ << panel.palette_;
  if (!panel.colour_bar_.empty()) colour_bar(plot);

  const bool keyed = !plot.labels.empty() && !figure_.shared_key_;
  const double centre = (box.left + box.right) / 2;
  double top = box.top - 4;
  if (keyed && panel.key_ == Key::above) {
    top -= kLine * key_rows(plot.labels, box.width());
    key(plot.labels, centre, top, box.width());
  }
  ...
}
