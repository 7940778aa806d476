#if GRADUS_HAVE_GNUPLOT

#include "common/figure/drawing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace gradus {

using namespace layout;

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
  Plot plot{
      panel, range(panel.x_, panel, false), range(panel.y_, panel, true), {}, {}, {}, {}, {}, 0,
      {}};
  plot.x_tics = tics(panel.x_, plot.x, (cell_width_ - 70) / 65);
  plot.y_tics = tics(panel.y_, plot.y, (cell_height_ - 70) / 36);
  plot.title = wrapped(panel.title_, cell_width_ - 8);
  for (const Panel::Layer& layer : panel.layers_)
    if (!layer.label.empty() && !figure_.shared_key_ && panel.key_ != Key::none)
      plot.labels.push_back(layer.label);
  plot.margins = margins(plot);
  plot.key_width = cell_width_ - plot.margins.left - plot.margins.right;
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
  if (!panel.x_.label.empty()) margins.bottom += kLine + 4;
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
        "linewidth 2 pointscale 2.9",
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
    std::string text;
    for (char c : quoted(tic.label)) text.append(c == '%' ? 2 : 1, c);  // to gnuplot it is a format
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
  if (panel.key_ == Key::above) y -= key_height(plot.labels, plot.key_width);
  for (const std::string& line : plot.title) {
    label(line, {box.centre(), y}, "center");
    y += kLine;
  }
  const double x_tics = plot.x_tics.empty() ? 0 : kLine + 4;
  const double y_tics = plot.y_tics.empty() ? 0 : longest(plot.y_tics) + 10;
  label(panel.x_.label, {box.centre(), box.bottom + x_tics + kLine / 2 + 6}, "center");
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
    return key_above(plot.labels, plot.key_width, box.centre(),
                     box.top - 4 - key_height(plot.labels, plot.key_width));
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

}  // namespace gradus

#endif
