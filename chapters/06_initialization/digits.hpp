// Digits as the experiments of chapters 06 to 09 train on them: no part of a contract. (How pixels
// become numbers is chapter 11's to teach.)
#pragma once

#include <numeric>
#include <vector>

#include "common/matrix.hpp"
#include "common/mnist.hpp"

namespace gradus {

struct Digits {
  Matrix x;  // (N,784), pixels 0 … 1
  std::vector<int> labels;
};

// The images with these numbers, in their order.
inline Digits take_digits(const IdxImages& images, const std::vector<int>& labels,
                          const std::vector<int>& indices) {
  const int D = images.rows * images.cols;
  Digits digits{Matrix(static_cast<int>(indices.size()), D), {}};
  for (int n = 0; n < digits.x.rows(); ++n) {
    const std::size_t first = static_cast<std::size_t>(indices[n]) * D;
    for (int d = 0; d < D; ++d) digits.x(n, d) = images.pixels[first + d] / Scalar(255);
    digits.labels.push_back(labels[indices[n]]);
  }
  return digits;
}

inline Digits first_digits(const IdxImages& images, const std::vector<int>& labels, int count) {
  std::vector<int> indices(count);
  std::iota(indices.begin(), indices.end(), 0);
  return take_digits(images, labels, indices);
}

}  // namespace gradus
