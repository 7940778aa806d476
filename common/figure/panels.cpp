#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "common/figure.hpp"
#include "common/figure/layout.hpp"

#ifndef GRADUS_ROOT
#define GRADUS_ROOT "."
#endif

namespace gradus {

using namespace layout;
namespace {

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
  constexpr int kInOrder = static_cast<int>(Colour::black);
  if (style.colour == Colour::next)
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
    add("using 1:2", "with points lc rgb '#ffffff'" + marker(style.shape, 1.35 * style.size), "",
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
  const std::filesystem::path name(file_);
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

Figure& Figure::measured() { return measured_ = true, *this; }

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
  if (!given) folder = measured_ ? GRADUS_ROOT "/build/plots" : GRADUS_ROOT "/plots";
  return (std::filesystem::path(folder) / file_).string();
}

}  // namespace gradus
