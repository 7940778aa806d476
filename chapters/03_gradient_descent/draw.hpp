// The valley of the loss, and the way of a descent through it: also for chapter 08.
#pragma once

#include <string>

#include "chapters/03_gradient_descent/experiment.hpp"
#include "common/figure.hpp"
#include "common/runs.hpp"

namespace gradus::gradient_descent {

inline void draw_valley(Panel& panel, const Data& data, const LinearModel& minimum, Range w,
                        Range b, const std::string& w_label = "w") {
  const auto height = [&](double w, double b) {
    return excess({{{Scalar(w)}}, Scalar(b)}, minimum, data);
  };
  panel.x_axis(w_label, w).y_axis("b", b);
  panel.contour(tabulate(81, 81, w, b, height), {0.02, 0.1, 0.3, 0.7, 1.3, 2.2, 3.4, 5, 7, 10});
}

inline void draw_path(Panel& panel, const std::vector<LinearModel>& path, const std::string& label,
                      Style style) {
  panel.line(column(path, [](const LinearModel& model) { return model.w(0, 0); }),
             column(path, &LinearModel::b), label, style);
}

inline void draw_minimum(Panel& panel, const LinearModel& minimum) {
  panel.points({minimum.w(0, 0)}, {minimum.b}, "",
               {.colour = Colour::black, .shape = Shape::cross, .size = 1.6});
}

}  // namespace gradus::gradient_descent
