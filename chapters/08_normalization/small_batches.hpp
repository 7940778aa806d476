// What a gradient check sees of right and wrong backward passes of batch normalization, by the size of
// the batch. For the demonstration and the claims: no part of the contract.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/random.hpp"

namespace gradus {

// Backward passes of one feature: the right one, and wrong ones.
enum class Backward { right, no_mean_path, no_variance_path, zeros, dbeta_mean };

// In double, whatever Scalar is: a gradient check needs the digits.
struct Feature {
  std::vector<double> x_hat;
  double inverse;
};
inline Feature normalized_feature(const std::vector<double>& x) {
  const double N = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (double v : x) mean += v / N;
  for (double v : x) variance += (v - mean) * (v - mean) / N;
  Feature f{x, 1 / std::sqrt(variance + 1e-5)};
  for (double& v : f.x_hat) v = (v - mean) * f.inverse;
  return f;
}

// What each claims for L = Σ dy (γ x̂ + β): dx of all samples, then dβ.
inline std::vector<double> claimed_gradient(Backward version, const std::vector<double>& x,
                                            const std::vector<double>& dy, double gamma) {
  const Feature f = normalized_feature(x);
  const double N = static_cast<double>(x.size());
  double mean_g = 0, mean_gx = 0, dbeta = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    mean_g += gamma * dy[n] / N;
    mean_gx += gamma * dy[n] * f.x_hat[n] / N;
    dbeta += dy[n];
  }
  if (version == Backward::no_mean_path) mean_g = 0;
  if (version == Backward::no_variance_path) mean_gx = 0;
  std::vector<double> gradient;
  for (std::size_t n = 0; n < x.size(); ++n)
    gradient.push_back((gamma * dy[n] - mean_g - f.x_hat[n] * mean_gx) * f.inverse);
  if (version == Backward::zeros) std::ranges::fill(gradient, 0.0);
  gradient.push_back(version == Backward::dbeta_mean ? dbeta / N : dbeta);
  return gradient;
}

// The same by moving each number to and fro, with five points.
inline std::vector<double> numeric_gradient(const std::vector<double>& x,
                                            const std::vector<double>& dy, double gamma,
                                            double beta) {
  std::vector<double> at = x, gradient;
  at.push_back(beta);
  const auto loss = [&] {
    const Feature f = normalized_feature({at.begin(), at.end() - 1});
    double sum = 0;
    for (std::size_t n = 0; n < dy.size(); ++n) sum += dy[n] * (gamma * f.x_hat[n] + at.back());
    return sum;
  };
  for (double& v : at) {
    const double before = v, h = 1e-3;
    const auto loss_at = [&](double place) {
      v = place;
      return loss();
    };
    gradient.push_back((8 * (loss_at(before + h) - loss_at(before - h)) -
                        (loss_at(before + 2 * h) - loss_at(before - 2 * h))) /
                       (12 * h));
    v = before;
  }
  return gradient;
}

// A check with a batch of N random samples: the largest relative error, as in common/gradient_check,
// and the largest |dx|.
struct BatchCheck {
  double error = 0, largest_dx = 0;
};
inline BatchCheck check_batch(Backward version, int N, std::uint32_t seed) {
  Random random(seed);
  std::vector<double> x, dy;
  for (int n = 0; n < N; ++n) {
    x.push_back(random.normal(0, 1));
    dy.push_back(random.normal(0, 1));
  }
  const double gamma = 1.5, beta = -0.5;
  const auto claimed = claimed_gradient(version, x, dy, gamma);
  const auto numeric = numeric_gradient(x, dy, gamma, beta);
  BatchCheck check;
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    const double sum = std::abs(claimed[i]) + std::abs(numeric[i]);
    check.error = std::max(check.error, std::abs(claimed[i] - numeric[i]) / std::max(1e-8, sum));
    if (i < x.size()) check.largest_dx = std::max(check.largest_dx, std::abs(numeric[i]));
  }
  return check;
}

}  // namespace gradus
