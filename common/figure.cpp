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
#include <memory>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string_view>
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
constexpr double kInfinity = std::numeric_limits<double>::infinity();

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
  constexpr std::array kHex = {0x000000, 0x0072b2, 0xd55e00, 0x009e73, 0xe69f00, 0xcc79a7,
                               0x56b4e9, 0x000000, 0xf0e442, 0x707070, 0xffffff};
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
  if (palette == Palette::diverging) return "(0 '#0072b2', 1 '#f7f7f7', 2 '#d55e00')";
  if (palette == Palette::ink) return "(0 '#ffffff', 1 '#000000')";
  return "(0 '#f7fbff', 1 '#9ecae1', 2 '#0072b2', 3 '#08306b')";
}

// The range of the numbers (of the positive ones on a log axis); {} when there are none.
Range extent(const Values& values, bool log = false) {
  Range range{kInfinity, -kInfinity};
  for (double v : values) {
    if (!std::isfinite(v) || (log && v <= 0)) continue;
    range = {std::min(range.lo, v), std::max(range.hi, v)};
  }
  return range.lo > range.hi ? Range{} : range;
}

// The three columns x, y and value of a grid.
std::vector<Values> columns(const Grid& grid) {
  const int rows = grid.rows, cols = grid.cols;
  check(rows >= 2 && cols >= 2 && static_cast<long>(grid.values.size()) == long{rows} * cols,
        fmt::format("grid: {} values do not fill {} rows of {}, at least 2 of 2",
                    grid.values.size(), rows, cols));
  check(!grid.x.automatic() && !grid.y.automatic(), "grid: its x or y has no extent");
  std::vector<Values> xyz = {{}, {}, grid.values};
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < cols; ++j) {
      xyz[0].push_back(grid.x.lo + (grid.x.hi - grid.x.lo) * j / (cols - 1));
      xyz[1].push_back(grid.y.lo + (grid.y.hi - grid.y.lo) * i / (rows - 1));
    }
  return xyz;
}

}  // namespace

Grid tabulate(int rows, int cols, Range x, Range y,
              const std::function<double(double, double)>& f) {
  const std::size_t size =
      rows < 0 || cols < 0 ? 0 : static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  Grid grid{rows, cols, x, y, Values(size)};
  const std::vector<Values> xyz = columns(grid);
  for (std::size_t k = 0; k < grid.values.size(); ++k) grid.values[k] = f(xyz[0][k], xyz[1][k]);
  return grid;
}

// ---- A panel collects layers, each one element of gnuplot's plot command ----

Panel& Panel::x_axis(std::string label, Range range) {
  return x_.set(std::move(label), range), *this;
}
Panel& Panel::y_axis(std::string label, Range range) {
  return y_.set(std::move(label), range), *this;
}
Panel& Panel::x_tics(Values at, Names names) {
  return x_.mark(std::move(at), std::move(names)), *this;
}
Panel& Panel::y_tics(Values at, Names names) {
  return y_.mark(std::move(at), std::move(names)), *this;
}
Panel& Panel::no_tics() { return x_.tics = y_.tics = false, *this; }
Panel& Panel::log_x() { return x_.log = true, *this; }
Panel& Panel::log_y() { return y_.log = true, *this; }
Panel& Panel::square() { return square_ = true, *this; }
Panel& Panel::equal_axes() { return equal_axes_ = true, *this; }
Panel& Panel::key(Key key) { return key_ = key, *this; }
Panel& Panel::colour_bar(std::string label) { return colour_bar_ = std::move(label), *this; }

void Panel::Axis::set(std::string text, Range wanted) {
  check(std::isfinite(wanted.lo) && std::isfinite(wanted.hi),
        fmt::format("axis \"{}\": its range is not finite", text));
  label = std::move(text);
  range = wanted;
}

void Panel::Axis::mark(Values places, Names texts) {
  check(texts.empty() || texts.size() == places.size(),
        fmt::format("tics: {} names for {} places", texts.size(), places.size()));
  at = std::move(places);
  names = std::move(texts);
}

// The next colour of the panel, in the order of use, unless the caller chose one.
Style Panel::coloured(Style style) {
  constexpr int kInOrder = static_cast<int>(Colour::yellow);
  if (style.colour == Colour::automatic)
    style.colour = static_cast<Colour>(colours_taken_++ % kInOrder + 1);
  return style;
}

// No number of a layer is beyond what gnuplot can draw: such are gaps.
Panel::Layer& Panel::add(std::string use, std::string how, std::string label, Colour colour,
                         std::vector<Values> columns) {
  for (Values& column : columns) {
    check(column.size() == columns[0].size(),
          fmt::format("panel \"{}\", \"{}\": columns of {} and {} values", title_, label,
                      columns[0].size(), column.size()));
    for (double& v : column) {
      if (!(std::abs(v) < 1e300)) v = kNaN;
      if (std::abs(v) < 1e-300) v = 0;
    }
  }
  Layer& layer = layers_.emplace_back();
  layer.use = std::move(use);
  layer.how = std::move(how);
  layer.label = std::move(label);
  layer.colour = colour;
  layer.columns = std::move(columns);
  return layer;
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
  check(!names.empty() && (bar_series_ == 0 || names == x_.names),
        fmt::format("panel \"{}\": bars need names, the same in each call", title_));
  style = coloured(style);
  Values xs;
  for (std::size_t i = 0; i < names.size(); ++i) xs.push_back(static_cast<double>(i));
  x_.shown = {-0.6, xs.back() + 0.6};
  y_.shown.push_back(0);
  x_tics(xs, std::move(names));
  add(fmt::format("using ($1+bar_shift({})):2:(bar_width)", bar_series_++),
      "with boxes" + fill(style), std::move(label), style.colour,
      {std::move(xs), std::move(heights)});
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
  check(edges.size() == heights.size() + 1,
        fmt::format("histogram: {} edges for {} heights", edges.size(), heights.size()));
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
  add("using 1:2:3", "with image", "", Colour::black, columns(grid));
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

// gnuplot finds the lines; Drawing asks it to.
Panel& Panel::contour(const Grid& grid, Values levels, Style style) {
  check(!levels.empty() &&
            std::all_of(levels.begin(), levels.end(), [](double v) { return std::isfinite(v); }),
        fmt::format("panel \"{}\": contour needs levels, all finite", title_));
  style = coloured(style);
  Layer& layer = add("", "with lines" + stroke(style), "", style.colour, columns(grid));
  layer.levels = std::move(levels);
  layer.grid_cols = static_cast<std::size_t>(grid.cols);
  if (x_.range.automatic()) x_.range = grid.x;
  if (y_.range.automatic()) y_.range = grid.y;
  return *this;
}

// ---- Notes ----

// where: gnuplot coordinates and alignment. A note at NaN or infinity is left out.
void Panel::note(const std::string& text, const std::string& where, Colour colour) {
  notes_.push_back(
      fmt::format("set label {} at {} noenhanced front tc {}", quoted(text), where, rgb(colour)));
}

Panel& Panel::text(double x, double y, const std::string& text, Align align, Colour colour) {
  constexpr std::array kAlign = {"left", "center", "right"};
  if (std::isfinite(x) && std::isfinite(y))
    note(text, fmt::format("{},{} {}", x, y, kAlign[static_cast<std::size_t>(align)]), colour);
  return *this;
}

Panel& Panel::arrow(double x0, double y0, double x1, double y1, Style style) {
  if (std::isfinite(x0 + y0 + x1 + y1))
    notes_.push_back(
        fmt::format("set arrow from {},{} to {},{} head filled size screen 0.012,20 front{}", x0,
                    y0, x1, y1, stroke(coloured(style))));
  return *this;
}

Panel& Panel::vertical(double x, const std::string& text, Style style) {
  if (!std::isfinite(x)) return *this;
  style = coloured(style);
  x_.shown.push_back(x);
  notes_.push_back(
      fmt::format("set arrow from {0}, graph 0 to {0}, graph 1 nohead{1}", x, stroke(style)));
  note(text, fmt::format("{}, graph 0.96 left offset char 0.6,0", x), style.colour);
  return *this;
}

Panel& Panel::horizontal(double y, const std::string& text, Style style) {
  if (!std::isfinite(y)) return *this;
  style = coloured(style);
  y_.shown.push_back(y);
  notes_.push_back(fmt::format("set arrow from graph 0, first {0} to graph 1, first {0} nohead{1}",
                               y, stroke(style)));
  note(text, fmt::format("graph 0.99, first {} right offset char 0,0.6", y), style.colour);
  return *this;
}

// ---- A figure ----

Figure::Figure(std::string file, std::string title, int width, int height)
    : file_(std::move(file)), title_(std::move(title)), width_(width), height_(height) {
  const fs::path name(file_);
  const std::string type = name.extension().string();
  const auto require = [this](bool ok, const char* what) {
    check(ok, fmt::format("figure \"{}\": {}", file_, what));
  };
  require(!name.stem().empty() && name.is_relative(), "its name must be like chapter/name.svg");
  require(std::find(name.begin(), name.end(), "..") == name.end(),
          "its name leads out of the plots folder");
  require(std::none_of(file_.begin(), file_.end(), [](char c) { return c >= 0 && c < ' '; }),
          "its name has a control character");
  require(type == ".svg" || type == ".png" || type == ".gif",
          "its suffix must be .svg, .png or .gif");
  require(width >= 100 && width <= 4000 && height >= 100 && height <= 4000,
          "its width and height must be from 100 to 4000 pixels");
}

Figure& Figure::layout(int rows, int cols) {
  check(rows >= 1 && cols >= 1 && rows <= 100 && cols <= 100 && panels_.empty(),
        fmt::format("figure \"{}\": a layout is from 1×1 to 100×100, before any panel", file_));
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

constexpr double kLine = 19, kTitleLine = 24;  // heights of a line, in pixels
constexpr double kSample = 40;                 // width of a sample in a key

std::string suffix(const std::string& file) { return fs::path(file).extension().string(); }

// About as wide as the text is drawn, in pixels.
double text_width(const std::string& text) {
  double width = 0;
  for (char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;  // of a UTF-8 character
    const bool narrow = std::string_view(" ijlI.,:;'|!ftr()[]-/").find(c) != std::string::npos;
    const bool wide = std::string_view("mwMW%@").find(c) != std::string::npos;
    width += continues ? 0 : narrow ? 5 : wide ? 13 : 9;
  }
  return width;
}

// The lines of a text, broken at spaces so that each fits into a width.
Names wrapped(const std::string& text, double width) {
  Names lines;
  std::istringstream paragraphs(text);
  for (std::string paragraph; std::getline(paragraphs, paragraph);) {
    std::istringstream words(paragraph);
    std::string line;
    for (std::string word; words >> word; line += (line.empty() ? "" : " ") + word)
      if (!line.empty() && text_width(line + ' ' + word) > width)
        lines.push_back(std::exchange(line, ""));
    lines.push_back(line);
  }
  return lines;
}

// Text for gnuplot's enhanced mode, in bold.
std::string bold(const std::string& text) {
  std::string plain;
  for (char c : text) {
    if (std::string_view("\\^_{}@&~").find(c) != std::string::npos) plain += '\\';
    plain += c;
  }
  return quoted("{/:Bold*1.2 " + plain + "}");
}

double longest(const Names& labels) {
  double most = 0;
  for (const std::string& label : labels) most = std::max(most, text_width(label));
  return most;
}

// ---- Places on the page, in pixels from its top left ----

struct Point {
  double x, y;
};

struct Margins {
  double left = 8, right = 8, top = 8, bottom = 8;
  void widen(const Margins& m) {
    left = std::max(left, m.left);
    right = std::max(right, m.right);
    top = std::max(top, m.top);
    bottom = std::max(bottom, m.bottom);
  }
};

struct Box {
  double left, top, right, bottom;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
  double centre() const { return (left + right) / 2; }
};

// Where the labels of a key begin: in rows of a width at most, each row centred.
std::vector<Point> key_above(const Names& labels, double width, double centre, double top) {
  std::vector<Point> places;
  std::size_t row = 0;  // the first place of the row
  double x = 0, y = top + kLine / 2;
  const auto centre_row = [&] {
    for (; row < places.size(); ++row) places[row].x += centre - (x - 16) / 2;
  };
  for (const std::string& label : labels) {
    const double entry = kSample + text_width(label) + 16;
    if (x > 0 && x + entry - 16 > width) {
      centre_row();
      x = 0;
      y += kLine;
    }
    places.push_back({x + kSample, y});
    x += entry;
  }
  centre_row();
  return places;
}

double key_height(const Names& labels, double width) {
  return labels.empty() ? 0 : key_above(labels, width, 0, 0).back().y + kLine / 2 + 4;
}

// ---- Ranges and tics ----

struct Tic {
  double at;
  std::string label;  // none: a small tic between two decades
};

double longest(const std::vector<Tic>& tics) {
  double most = 0;
  for (const Tic& tic : tics)
    most = std::max(most, tic.label.starts_with("10^{") ? 40 : text_width(tic.label));
  return most;
}

std::string number(double v) {
  std::string out;
  for (char c : fmt::format("{:.6g}", v == 0 ? 0 : v)) out += c == '-' ? "−" : std::string(1, c);
  return out;
}

// Multiples of 1, 2 or 5 times a power of ten, with no more than `most` steps between them.
std::vector<Tic> linear_tics(Range range, double most) {
  const double lo = std::min(range.lo, range.hi), span = std::abs(range.hi - range.lo);
  double step = std::pow(10, std::floor(std::log10(span / most)));
  for (double factor : {2.0, 2.5, 2.0})
    if (span / step > most) step *= factor;
  const double first = std::ceil(lo / step - 1e-9);
  std::vector<Tic> tics;
  for (int i = 0; i <= most + 1; ++i)
    if (const double at = (first + i) * step; at <= lo + span * (1 + 1e-9))
      tics.push_back({at, number(at)});
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
      tics.push_back({at, !labelled ? "" : plain ? number(at) : "10^{" + number(e) + "}"});
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

// Curves fill the width; points, and everything upwards, have a little air around them.
Range linear_range(Range range, bool padded, bool from_zero) {
  if (range.hi - range.lo <= 1e-9 * std::max(std::abs(range.lo), std::abs(range.hi))) {
    const double half = std::abs(range.lo) / 2;
    return half == 0 ? Range{0, 1} : Range{range.lo - half, range.lo + half};
  }
  const double pad = padded ? 0.06 * (range.hi - range.lo) : 0;
  if (from_zero && range.lo >= 0 && range.lo < 0.3 * range.hi) return {0, range.hi + pad};
  if (from_zero && range.hi == 0) return {range.lo - pad, 0};
  return {range.lo - pad, range.hi + pad};
}

}  // namespace

// Writes one figure in gnuplot's language.
class Drawing {
 public:
  Drawing(const Figure& figure, Gnuplot& gp);
  void draw(const std::string& file);

 private:
  struct Plot {
    const Panel& panel;
    Range x, y;
    std::vector<Tic> x_tics, y_tics;
    Names title, labels;  // lines of the title; labels that are not in a shared key
    Margins margins;
    Box box;
  };

  // Where everything goes.
  static Range range(const Panel::Axis& axis, const Panel& panel, bool is_y);
  static std::vector<Tic> tics(const Panel::Axis& axis, Range range, double most);
  Plot plan(const Panel& panel) const;
  Margins margins(const Plot& plot) const;
  void place(std::vector<Plot>& plots) const;
  static void keep_aspect(Plot& plot);
  static std::vector<Point> line_ends(const Plot& plot);

  // Writing it down.
  void header();
  void panel(const Plot& plot);
  void begin(const Box& box);
  void axis(char name, const Panel::Axis& axis, Range range, const std::vector<Tic>& tics);
  void titles(const Plot& plot);
  void colour_bar(const Plot& plot);
  void contours(const Panel& panel);
  std::vector<Point> key(const Plot& plot);
  void plot_command(const Plot& plot, const std::vector<Point>& key);
  void label(const std::string& text, Point place, const std::string& options);
  std::string at(Point place) const;

  const Figure& figure_;
  Gnuplot& gp_;
  double width_, height_, cell_width_, cell_height_;  // of the page and of a panel
  Names title_, shared_labels_;
  double header_ = 8;  // height of the title and the shared key
};

// ---- Where everything goes ----

Range Drawing::range(const Panel::Axis& axis, const Panel& panel, bool is_y) {
  check(!axis.log || axis.range.automatic() || (axis.range.lo > 0 && axis.range.hi > 0),
        fmt::format("axis \"{}\": the range of a log axis must be positive", axis.label));
  if (!axis.range.automatic()) return axis.range;
  Values values = axis.shown;
  bool padded = is_y;
  for (const Panel::Layer& layer : panel.layers_) {
    for (std::size_t k = is_y ? 1 : 0; k <= (is_y ? layer.y_columns : 0); ++k)
      values.insert(values.end(), layer.columns[k].begin(), layer.columns[k].end());
    padded = padded || layer.padded;
  }
  const Range range = extent(values, axis.log);
  if (axis.log && axis.at.size() > 1) return {range.lo / 1.2, range.hi * 1.2};
  return axis.log ? log_range(range) : linear_range(range, padded, is_y);
}

std::vector<Tic> Drawing::tics(const Panel::Axis& axis, Range range, double most) {
  if (!axis.tics) return {};
  most = std::max(3.0, most);
  if (axis.at.empty()) return axis.log ? log_tics(range, most) : linear_tics(range, most);
  std::vector<Tic> tics;
  for (std::size_t i = 0; i < axis.at.size(); ++i)
    tics.push_back({axis.at[i], axis.names.empty() ? number(axis.at[i]) : axis.names[i]});
  return tics;
}

Drawing::Drawing(const Figure& figure, Gnuplot& gp)
    : figure_(figure),
      gp_(gp),
      width_(figure.width_),
      height_(figure.height_),
      cell_width_(width_ / figure.cols_),
      title_(wrapped(figure.title_, (width_ - 24) / 1.3)) {
  for (const Panel& panel : figure.panels_)
    for (const Panel::Layer& layer : panel.layers_) {
      const auto known = std::find(shared_labels_.begin(), shared_labels_.end(), layer.label);
      if (figure.shared_key_ && !layer.label.empty() && known == shared_labels_.end())
        shared_labels_.push_back(layer.label);
    }
  header_ +=
      kTitleLine * static_cast<double>(title_.size()) + key_height(shared_labels_, width_ - 40);
  cell_height_ = (height_ - header_) / figure.rows_;
}

Drawing::Plot Drawing::plan(const Panel& panel) const {
  Plot plot{panel, range(panel.x_, panel, false), range(panel.y_, panel, true), {}, {}, {}, {}, {},
            {}};
  plot.x_tics = tics(panel.x_, plot.x, (cell_width_ - 70) / 65);
  plot.y_tics = tics(panel.y_, plot.y, (cell_height_ - 70) / 36);
  plot.title = wrapped(panel.title_, cell_width_ - 8);
  for (const Panel::Layer& layer : panel.layers_)
    if (!layer.label.empty() && !figure_.shared_key_ && panel.key_ != Key::none)
      plot.labels.push_back(layer.label);
  plot.margins = margins(plot);
  return plot;
}

Margins Drawing::margins(const Plot& plot) const {
  const Panel& panel = plot.panel;
  Margins margins;
  if (!plot.y_tics.empty()) margins.left += longest(plot.y_tics) + 10;
  if (!panel.y_.label.empty()) margins.left += kLine + 4;
  if (!plot.x_tics.empty()) {
    margins.bottom += kLine + 4;
    margins.right += text_width(plot.x_tics.back().label) / 2;
  }
  if (!panel.x_.label.empty()) margins.bottom += kLine + 2;
  if (!plot.title.empty()) margins.top += kLine * static_cast<double>(plot.title.size());
  if (!panel.colour_bar_.empty()) margins.right += 80;
  if (panel.key_ == Key::right && !plot.labels.empty())
    margins.right += longest(plot.labels) + kSample + 8;
  if (panel.key_ == Key::line_ends) margins.right += longest(plot.labels) + 2;
  if (panel.key_ == Key::above)
    margins.top += key_height(plot.labels, cell_width_ - margins.left - margins.right);
  return margins;
}

// Cells of a column share their left and right margins, cells of a row the others, so that all
// boxes are of one size and in line.
void Drawing::place(std::vector<Plot>& plots) const {
  const auto cols = static_cast<std::size_t>(figure_.cols_);
  std::vector<Margins> col(cols), row(static_cast<std::size_t>(figure_.rows_));
  for (std::size_t k = 0; k < plots.size(); ++k) {
    col[k % cols].widen(plots[k].margins);
    row[k / cols].widen(plots[k].margins);
  }
  double width = width_, height = height_ - header_;
  for (const Margins& m : col) width -= m.left + m.right;
  for (const Margins& m : row) height -= m.top + m.bottom;
  width /= figure_.cols_;
  height /= figure_.rows_;
  check(width >= 16 && height >= 16,
        fmt::format("figure \"{}\": {}×{} pixels leave no room for the panels", figure_.file_,
                    width_, height_));
  double left = 0, top = header_;
  for (std::size_t k = 0; k < plots.size(); ++k) {
    const Margins &c = col[k % cols], &r = row[k / cols];
    left += c.left;
    plots[k].box = {left, top + r.top, left + width, top + r.top + height};
    keep_aspect(plots[k]);
    left += width + c.right;
    if (k % cols < cols - 1) continue;
    left = 0;
    top += r.top + height + r.bottom;
  }
}

// Shrinks the box of a panel that asked for a shape, around its centre.
void Drawing::keep_aspect(Plot& plot) {
  if (!plot.panel.square_ && !plot.panel.equal_axes_) return;
  Box& box = plot.box;
  double aspect = 1;  // width by height
  if (plot.panel.equal_axes_) aspect = std::abs((plot.x.hi - plot.x.lo) / (plot.y.hi - plot.y.lo));
  const double spare_x = std::max(0.0, box.width() - box.height() * aspect) / 2;
  const double spare_y = std::max(0.0, box.height() - box.width() / aspect) / 2;
  box = {box.left + spare_x, box.top + spare_y, box.right - spare_x, box.bottom - spare_y};
}

// Places beside the last points of the labelled layers, pushed apart where labels would overlap.
std::vector<Point> Drawing::line_ends(const Plot& plot) {
  const auto scaled = [&](double v) { return plot.panel.y_.log ? std::log10(v) : v; };
  const double lo = scaled(plot.y.lo), hi = scaled(plot.y.hi);
  std::vector<Point> places;
  for (const Panel::Layer& layer : plot.panel.layers_) {
    if (layer.label.empty() || plot.labels.empty()) continue;
    double end = 0;  // from 0 at the bottom to 1 at the top
    for (double v : layer.columns[1])
      if (std::isfinite(scaled(v))) end = std::clamp((scaled(v) - lo) / (hi - lo), 0.0, 1.0);
    places.push_back({plot.box.right + 10, plot.box.bottom - end * plot.box.height()});
  }
  std::vector<std::size_t> order(places.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return places[a].y < places[b].y; });
  double limit = 0;
  for (std::size_t k : order) limit = (places[k].y = std::max(places[k].y, limit)) + kLine - 2;
  limit = plot.box.bottom;
  std::reverse(order.begin(), order.end());
  for (std::size_t k : order) limit = (places[k].y = std::min(places[k].y, limit)) - kLine + 2;
  return places;
}

// ---- Writing it down ----

void Drawing::draw(const std::string& file) {
  const std::string type = suffix(figure_.file_);
  if (type == ".svg")
    gp_ << fmt::format("set terminal svg size {},{} fixed rounded font 'sans-serif,14'", width_,
                       height_);
  else if (type == ".png")
    gp_ << fmt::format(
        "set terminal pngcairo size {},{} rounded font 'sans,10.5' fontscale 2 "
        "linewidth 2 pointscale 2",
        2 * width_, 2 * height_);
  else
    gp_ << fmt::format("set terminal gif animate delay 12 loop 0 size {},{} font 'sans,10.5'",
                       width_, height_);
  gp_ << " enhanced background '#ffffff'\nset encoding utf8\nset output " << quoted(file) << '\n';
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

std::string Drawing::at(Point place) const {
  return fmt::format(" at screen {}, screen {} ", place.x / width_, 1 - place.y / height_);
}

void Drawing::label(const std::string& text, Point place, const std::string& options) {
  gp_ << "set label " << quoted(text) << at(place) << "front noenhanced " << options << '\n';
}

void Drawing::begin(const Box& box) {
  gp_ << "reset\nset minussign\nset clip two\nunset colorbox\n"
      << "set key noautotitle noenhanced Left reverse samplen 2\n"
      << fmt::format("set lmargin at screen {}\n", box.left / width_)
      << fmt::format("set rmargin at screen {}\n", box.right / width_)
      << fmt::format("set tmargin at screen {}\n", 1 - box.top / height_)
      << fmt::format("set bmargin at screen {}\n", 1 - box.bottom / height_);
}

// The title and the shared key: a plot of nothing over the whole page.
void Drawing::header() {
  begin({0, 0, width_, height_});
  gp_ << "unset border\nunset tics\nset xrange [0:1]\nset yrange [0:1]\n";
  double top = 8;
  for (const std::string& line : title_) {
    gp_ << "set label " << bold(line) << at({width_ / 2, top + kTitleLine / 2}) << "center\n";
    top += kTitleLine;
  }
  gp_ << "plot NaN";
  const std::vector<Point> places = key_above(shared_labels_, width_ - 40, width_ / 2, top);
  Names open = shared_labels_;
  for (const Panel& panel : figure_.panels_)
    for (const Panel::Layer& layer : panel.layers_)
      if (const auto found = std::find(open.begin(), open.end(), layer.label);
          found != open.end() && !layer.label.empty()) {
        const auto k = static_cast<std::size_t>(found - open.begin());
        gp_ << ", NaN " << layer.how << " title " << quoted(layer.label) << at(places[k]);
        found->clear();
      }
  gp_ << '\n';
}

void Drawing::panel(const Plot& plot) {
  const Panel& panel = plot.panel;
  begin(plot.box);
  const bool surface = !panel.palette_.empty();
  gp_ << panel.palette_ << "set border " << (surface ? 15 : 3) << " lw 1 lc rgb '#606060'\n";
  if (!surface) gp_ << "set grid back lt 1 lw 1 dt solid lc rgb '#e4e4e4'\n";
  axis('x', panel.x_, plot.x, plot.x_tics);
  axis('y', panel.y_, plot.y, plot.y_tics);
  titles(plot);
  for (const std::string& note : panel.notes_) gp_ << note << '\n';
  if (!panel.colour_bar_.empty()) colour_bar(plot);
  contours(panel);
  plot_command(plot, key(plot));
}

void Drawing::axis(char name, const Panel::Axis& axis, Range range, const std::vector<Tic>& tics) {
  const std::string lift =
      fmt::format("0, screen {}", (suffix(figure_.file_) == ".gif" ? -5 : 6) / height_);
  gp_ << fmt::format("set {}range [{}:{}]\n", name, range.lo, range.hi);
  if (axis.log) gp_ << "set logscale " << name << '\n';
  std::string list;
  for (const Tic& tic : tics) {
    std::string text = quoted(tic.label);
    for (std::size_t i = 0; (i = text.find('%', i)) != std::string::npos; i += 2)
      text.insert(i, "%");  // it is a number format to gnuplot
    list += fmt::format("{}{} {} {}", list.empty() ? "" : ", ", text, tic.at,
                        tic.label.empty() ? 1 : 0);
  }
  if (tics.empty())
    gp_ << "unset " << name << "tics\n";
  else
    gp_ << "set " << name << "tics nomirror out scale 0.5,0.25 offset "
        << (name == 'x' ? lift : "0.5,0") << " (" << list << ") "
        << (axis.names.empty() ? "enhanced" : "noenhanced") << " tc rgb '#303030'\n";
}

// The title of the panel and of its axes.
void Drawing::titles(const Plot& plot) {
  const Box& box = plot.box;
  const Panel& panel = plot.panel;
  double y = box.top - 4 - kLine * (static_cast<double>(plot.title.size()) - 0.5);
  if (panel.key_ == Key::above) y -= key_height(plot.labels, box.width());
  for (const std::string& line : plot.title) {
    label(line, {box.centre(), y}, "center");
    y += kLine;
  }
  const double x_tics = plot.x_tics.empty() ? 0 : kLine + 4;
  const double y_tics = plot.y_tics.empty() ? 0 : longest(plot.y_tics) + 10;
  label(panel.x_.label, {box.centre(), box.bottom + x_tics + kLine / 2 + 4}, "center");
  label(panel.y_.label, {box.left - y_tics - kLine / 2 - 2, (box.top + box.bottom) / 2},
        "center rotate");
}

void Drawing::colour_bar(const Plot& plot) {
  const Box& box = plot.box;
  gp_ << "set colorbox vertical user origin" << at({box.right + 12, box.bottom}).substr(3)
      << fmt::format("size screen {}, screen {}\n", 14 / width_, box.height() / height_)
      << "set cbtics nomirror out scale 0.3 offset -0.5,0 tc rgb '#303030'\n";
  label(plot.panel.colour_bar_, {box.right + 78, (box.top + box.bottom) / 2}, "center rotate");
}

// gnuplot computes each contour layer's lines into a data block of its own.
void Drawing::contours(const Panel& panel) {
  for (std::size_t k = 0; k < panel.layers_.size(); ++k) {
    const Panel::Layer& layer = panel.layers_[k];
    if (layer.grid_cols == 0) continue;
    gp_ << "set contour base\nunset surface\nset cntrparam levels discrete "
        << fmt::format("{}\nset table $contour{}\n", fmt::join(layer.levels, ","), k)
        << "splot '-' using 1:2:3 notitle\n";
    for (std::size_t i = 0; i < layer.columns[0].size(); ++i)
      gp_ << layer.columns[0][i] << ' ' << layer.columns[1][i] << ' ' << layer.columns[2][i]
          << ((i + 1) % layer.grid_cols == 0 ? "\n\n" : "\n");
    gp_ << "e\nunset table\nunset contour\nset surface\n";
  }
}

std::vector<Point> Drawing::key(const Plot& plot) {
  const Box& box = plot.box;
  if (plot.panel.key_ == Key::line_ends) {
    const std::vector<Point> places = line_ends(plot);
    auto place = places.begin();
    for (const Panel::Layer& layer : plot.panel.layers_)
      if (place != places.end() && !layer.label.empty())
        label(layer.label, *place++, "left tc " + rgb(layer.colour));
    return {};
  }
  if (plot.panel.key_ == Key::above)
    return key_above(plot.labels, box.width(), box.centre(),
                     box.top - 4 - key_height(plot.labels, box.width()));
  std::vector<Point> places;  // Key::right
  for (std::size_t k = 0; k < plot.labels.size(); ++k)
    places.push_back({box.right + 8 + kSample, box.top + kLine * (static_cast<double>(k) + 0.5)});
  return places;
}

void Drawing::plot_command(const Plot& plot, const std::vector<Point>& key) {
  const Panel& panel = plot.panel;
  gp_ << fmt::format("bar_width = 0.8 / {0}\nbar_shift(k) = (k - ({0} - 1) / 2.0) * bar_width\n",
                     std::max(1, panel.bar_series_))
      << "plot NaN";  // and so something, even if all layers are empty
  auto place = key.begin();
  for (std::size_t k = 0; k < panel.layers_.size(); ++k) {
    const Panel::Layer& layer = panel.layers_[k];
    gp_ << (layer.grid_cols == 0 ? ", '-' " : fmt::format(", $contour{} using 1:2 ", k))
        << layer.use << ' ' << layer.how;
    if (!layer.label.empty() && place != key.end())
      gp_ << " title " << quoted(layer.label) << at(*place++);
  }
  gp_ << '\n';
  for (const Panel::Layer& layer : panel.layers_)
    if (layer.grid_cols == 0) gp_.send1d_colmajor(layer.columns);
}

// ---- Running gnuplot ----

namespace {

std::string find_gnuplot() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path program = fs::path(folder) / "gnuplot";
    std::error_code ignored;
    if (fs::is_regular_file(program, ignored) && access(program.c_str(), X_OK) == 0)
      return program.string();
  }
  return "";
}

// What gnuplot complained about, in one line: its last one that says something.
std::string complaint(std::FILE* errors, int status) {
  std::string text, found;
  std::rewind(errors);
  for (int c; (c = std::fgetc(errors)) != EOF;) text += static_cast<char>(c);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const std::size_t start = line.find_first_not_of(" \t\r^"); start != std::string::npos)
      found = line.substr(start);
  if (!found.empty()) return found;
  return WIFEXITED(status) ? fmt::format("exit status {}", WEXITSTATUS(status))
                           : fmt::format("ended by signal {}", WTERMSIG(status));
}

// Runs gnuplot on a script; "" or what went wrong.
std::string run_gnuplot(std::FILE* script) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> errors(std::tmpfile(), std::fclose);
  if (!errors) return "cannot make a temporary file";
  std::string program = find_gnuplot(), no_settings = "-d";
  std::array<char*, 3> arguments = {program.data(), no_settings.data(), nullptr};
  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  posix_spawn_file_actions_adddup2(&streams, fileno(script), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&streams, fileno(errors.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&streams, fileno(errors.get()), STDERR_FILENO);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, program.c_str(), &streams, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&streams);
  if (failed != 0) return "cannot start " + program;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return status == 0 ? "" : complaint(errors.get(), status);
}

// Whether the file was written to its end.
bool complete(const fs::path& file, const std::string& type) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string end = bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 12));
  return end.find(type == ".svg" ? "</svg>" : type == ".png" ? "IEND" : ";") != std::string::npos;
}

struct Temporary {  // goes away, unless it was renamed
  fs::path file;
  ~Temporary() {
    std::error_code ignored;
    fs::remove(file, ignored);
  }
};

}  // namespace

std::string Figure::why_unavailable() {
  return find_gnuplot().empty() ? "gnuplot is not in PATH" : "";
}

// gnuplot reads its script from a file, not from a pipe, so that its death can't be ours.
bool Figure::save() const {
  if (!available()) return false;
  check(!panels_.empty(), fmt::format("figure \"{}\": has no panel", file_));
  const auto fail = [this](const std::string& why) {
    throw std::runtime_error(fmt::format("figure \"{}\": gnuplot failed: {}", file_, why));
  };
  const fs::path target = fs::absolute(path());
  fs::create_directories(target.parent_path());
  const Temporary drawn{target.parent_path() /
                        fmt::format(".{}.{}", target.filename().string(), getpid())};
  std::FILE* script = std::tmpfile();
  if (script == nullptr) fail("cannot make a temporary file");
  Gnuplot gp(script);  // and closes it
  gp.imbue(std::locale::classic());
  Drawing(*this, gp).draw(drawn.file.string());
  gp.flush();
  if (!gp || lseek(fileno(script), 0, SEEK_SET) != 0) fail("cannot write its script");
  if (const std::string problem = run_gnuplot(script); !problem.empty()) fail(problem);
  if (!complete(drawn.file, suffix(file_))) fail("it left an incomplete file");
  fs::rename(drawn.file, target);
  return true;
}

#endif
}  // namespace gradus
