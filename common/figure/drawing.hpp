// From panels to a script for gnuplot. Private to the files of this folder.
#pragma once

#include <gnuplot-iostream.h>

#include <string>
#include <vector>

#include "common/figure/layout.hpp"

namespace gradus {

// Writes one figure in gnuplot's language.
class Drawing {
 public:
  Drawing(const Figure& figure, Gnuplot& gp);
  void draw(const std::string& file);

 private:
  struct Plot {
    const Panel& panel;
    Range x, y;
    std::vector<layout::Tic> x_tics, y_tics;
    Names title, labels;  // lines of the title; labels that are not in a shared key
    layout::Margins margins;
    double key_width;
    layout::Box box;
  };

  // Where everything goes.
  static Range range(const Panel::Axis& axis, const Panel& panel, bool is_y);
  static std::vector<layout::Tic> tics(const Panel::Axis& axis, Range range, double most);
  Plot plan(const Panel& panel) const;
  layout::Margins margins(const Plot& plot) const;
  void place(std::vector<Plot>& plots) const;
  static void keep_aspect(Plot& plot);
  static std::vector<layout::Point> line_ends(const Plot& plot);

  // Writing it down.
  void header();
  void panel(const Plot& plot);
  void begin(const layout::Box& box);
  void axis(char name, const Panel::Axis& axis, Range range, const std::vector<layout::Tic>& tics);
  void titles(const Plot& plot);
  void colour_bar(const Plot& plot);
  void contours(const Panel& panel);
  std::vector<layout::Point> key(const Plot& plot);
  void plot_command(const Plot& plot, const std::vector<layout::Point>& key);
  void label(const std::string& text, layout::Point place, const std::string& options);
  std::string at(layout::Point place) const;

  const Figure& figure_;
  Gnuplot& gp_;
  double width_, height_, cell_width_, cell_height_;  // of the page and of a panel
  Names title_, shared_labels_;
  double header_ = 8;  // height of the title and the shared key
};

}  // namespace gradus
