// The perceptron.                                                    docs/01_perceptron.md

#include "chapters/01_perceptron/perceptron.hpp"

#include <cmath>

#include "common/require.hpp"

namespace gradus {

int step(Scalar t) {
  require(!std::isnan(t), "step: t is NaN, which is neither above nor below the threshold");
  const Scalar threshold = 1e-7;
  return t > threshold ? 1 : 0;
}

// x_n · w + b
static Scalar weighted_sum(const Matrix& x, int n, const Matrix& w, Scalar b) {
  double sum = 0;
  for (int d = 0; d < x.cols(); ++d) sum += x(n, d) * w(0, d);
  return static_cast<Scalar>(sum + b);
}

PerceptronFit perceptron_fit(const Matrix& x, const std::vector<int>& y, int epochs,
                             Scalar learning_rate) {
  require_same("perceptron_fit: rows of x, labels", x.rows(), static_cast<int>(y.size()));
  require_finite("perceptron_fit: x", x);
  require_at_least("perceptron_fit: epochs", epochs, 0);
  require_not_negative("perceptron_fit: learning_rate", learning_rate);
  for (int label : y) require(label == 0 || label == 1, "perceptron_fit: labels must be 0 or 1");

  PerceptronFit fit;
  fit.w = Matrix(1, x.cols());
  for (int epoch = 0; epoch < epochs; ++epoch) {
    int wrong = 0;
    for (int n = 0; n < x.rows(); ++n) {
      const int error = y[n] - step(weighted_sum(x, n, fit.w, fit.b));
      for (int d = 0; d < x.cols(); ++d) fit.w(0, d) += learning_rate * error * x(n, d);
      fit.b += learning_rate * error;
      if (error != 0) ++wrong;
    }
    fit.errors.push_back(wrong);
  }
  return fit;
}

std::vector<int> perceptron_predict(const Matrix& x, const Matrix& w, Scalar b) {
  require_shape("perceptron_predict: w", w, 1, x.cols());
  require_finite("perceptron_predict: x", x);
  require_finite("perceptron_predict: w", w);
  require_finite("perceptron_predict: b", b);
  std::vector<int> labels;
  for (int n = 0; n < x.rows(); ++n) labels.push_back(step(weighted_sum(x, n, w, b)));
  return labels;
}

}  // namespace gradus
