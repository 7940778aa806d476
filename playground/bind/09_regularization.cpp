// 09: ridge through points that can be moved, and dropout's masks. A step draws another mask.
#include "chapters/09_regularization/experiment.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

namespace chapter = gradus::regularization;

Matrix column_of(const std::vector<double>& values) {
  Matrix column(static_cast<int>(values.size()), 1);
  std::copy(values.begin(), values.end(), column.flat().begin());
  return column;
}

class Regularized : public Station {
 public:
  explicit Regularized(const Settings& s)
      : data_(chapter::anscombe()), rate_(s.scalar("rate")), random_(s.seed()) {
    if (s.has("x")) data_ = {column_of(s.list("x")), column_of(s.list("t"))};
    line_ = ridge(data_.x, data_.t, s.scalar("alpha"));
    mask_ = Matrix(side, side, 1);
    for (double alpha = 0.1; alpha < 20000; alpha *= 1.25) {
      alphas_.push_back(alpha);
      slopes_.push_back(ridge(data_.x, data_.t, static_cast<Scalar>(alpha)).w(0, 0));
    }
  }
  void step(int steps) override {
    for (int i = 0; i < steps; ++i) {
      mask_ = dropout_mask(side, side, rate_, random_);
      means_.push_back(mean_of(mask_.flat()));
    }
  }
  void show(View& view) const override {
    const LinearModel plain = ridge(data_.x, data_.t, 0);
    view.add_matrix("x", data_.x);
    view.add_matrix("t", data_.t);
    view.add("line", {line_.w(0, 0), line_.b});
    view.add("least_squares", {plain.w(0, 0), plain.b});
    view.add("errors", {linear_loss(line_, data_.x, data_.t) * 2 * data_.x.rows(),
                        linear_loss(plain, data_.x, data_.t) * 2 * data_.x.rows()});
    view.add("alphas", alphas_);
    view.add("slopes", slopes_);
    view.add_matrix("mask", mask_);
    view.add("kept", initialization::share(mask_, [](Scalar v) { return v > 0; }));
    view.add("means", means_);
    view.add("mean", means_.empty() ? 1 : mean_of(means_));
  }

 private:
  static constexpr int side = 10;
  gradient_descent::Data data_;
  Scalar rate_;
  Random random_;
  LinearModel line_;
  Matrix mask_;
  std::vector<double> alphas_, slopes_, means_;
};

}  // namespace

std::unique_ptr<Station> regularization(const Settings& s) {
  return std::make_unique<Regularized>(s);
}

}  // namespace gradus::playground
