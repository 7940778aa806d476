// The figures of chapter 08.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "chapters/03_gradient_descent/draw.hpp"
#include "chapters/08_normalization/experiment.hpp"
#include "common/report.hpp"

namespace gradus::normalization {

inline void draw_histograms(const Matrix& x) {
  Figure figure("08_normalization/histograms.svg",
                "Normalization moves and stretches the axis; the shape stays, also a skewed one",
                940, 640);
  figure.layout(2, 2);
  const auto draw = [&](const std::string& title, const Matrix& m, const std::string& axis,
                        Range range, Colour colour) {
    figure.panel(title)
        .x_axis(axis, range)
        .y_axis("number of values")
        .histogram({m.flat().begin(), m.flat().end()}, 50, range, "", {.colour = colour});
  };
  // Both ranges of a row have the same bins: (edge - mean) / deviation.
  const auto row = [&](const std::string& name, const Matrix& m, Range range, Colour colour) {
    const Moments s = moments_of(m, 0);
    draw(name, m, "value", range, colour);
    draw("their z-scores", z_scores(m), "z",
         {(range.lo - s.mean) / s.deviation, (range.hi - s.mean) / s.deviation}, colour);
  };
  row("the notes' 1000 values", x, {-10, 30}, Colour::blue);
  row("the same values, squared", squares(x), {0, 900}, Colour::vermillion);
  show(figure);
}

inline void draw_valley(const gradient_descent::Data& raw, const gradient_descent::Data& round) {
  Figure figure("08_normalization/valley.svg",
                "The same 12 steps: a long valley holds them up, a round one does not", 940, 480);
  figure.layout(1, 2);
  struct Case {
    std::string title, w_axis;
    const gradient_descent::Data& data;
  };
  for (const Case& c : {Case{"x as it is", "w", raw}, {"x standardized", "w, of z", round}}) {
    const LinearModel minimum = gradient_descent::minimum_of(c.data);
    Panel& panel = figure.panel(c.title).equal_axes();
    gradient_descent::draw_valley(panel, c.data, minimum, {-0.5, 3.5}, {-0.5, 3.5}, c.w_axis);
    const Descent d =
        batch_descent(gradient_descent::origin(), c.data.x, c.data.t, Scalar(0.5), 12);
    gradient_descent::draw_path(
        panel, d.path, "", {.colour = Colour::vermillion, .shape = Shape::circle, .size = 0.8});
    gradient_descent::draw_minimum(panel, minimum);
  }
  show(figure);
}

inline void draw_scales(const std::vector<Run>& runs) {
  const std::vector<double> scales = weight_scales();
  const std::string title =
      fmt::format("With batch norm {} of {} scales of the first weights train; without it, {}",
                  scales_that_train(runs, true), scales.size(), scales_that_train(runs, false));
  Figure figure("08_normalization/scales.svg", title, 1080, 900);
  figure.layout(4, 4).shared_key();
  for (std::size_t i = 0; i < scales.size(); ++i) {
    Panel& panel = figure.panel(fmt::format("scale {}", number(scales[i])));
    panel.x_axis(i >= 12 ? "epoch" : "", {0, 20}).y_axis(i % 4 == 0 ? "accuracy" : "", {0, 1});
    const auto draw = [&](bool batch_norm, const char* label, Style style) {
      const Values& accuracy = run_of(runs, scales[i], batch_norm).accuracy;
      panel.line(counted(accuracy.size(), 1), accuracy, label, style);
    };
    draw(false, "without batch norm", {.colour = Colour::vermillion, .dashed = true});
    draw(true, "with batch norm", {.colour = Colour::blue});
  }
  show(figure);
}

}  // namespace gradus::normalization
