// Samples of two classes, as points of a figure: for the pictures of chapters 01 and 02.
#pragma once

#include <string>
#include <vector>

#include "common/figure.hpp"
#include "common/matrix.hpp"

namespace gradus::perceptron {

// At each row of `at` (N,2) a red circle for label 1, a square of another colour for label 0. The
// key says "name 0" and "name 1".
inline void draw_classes(Panel& panel, const Matrix& at, const std::vector<int>& labels,
                         const std::string& name, Colour of_zero) {
  for (int label : {0, 1}) {
    Values xs, ys;
    for (int n = 0; n < at.rows(); ++n) {
      if (labels[n] != label) continue;
      xs.push_back(at(n, 0));
      ys.push_back(at(n, 1));
    }
    panel.points(xs, ys, name + (label == 1 ? " 1" : " 0"),
                 {.colour = label == 1 ? Colour::vermillion : of_zero,
                  .shape = label == 1 ? Shape::circle : Shape::square,
                  .size = 1.8});
  }
}

}  // namespace gradus::perceptron
