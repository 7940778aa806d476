// 01: four gates, one line each.
#include "chapters/01_perceptron/perceptron.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

// The gates' answers are settings: gate0, gate1, … of four labels each.
class Gates : public Station {
 public:
  explicit Gates(const Settings& s) : rate_(s.scalar("rate")) {
    for (int g = 0; s.has("gate" + std::to_string(g)); ++g) {
      std::vector<int> labels;
      for (double y : s.list("gate" + std::to_string(g))) labels.push_back(static_cast<int>(y));
      labels_.push_back(labels);
    }
    step(0);
  }
  void step(int steps) override {
    epochs_ += steps;
    fits_.clear();
    for (const std::vector<int>& y : labels_)
      fits_.push_back(perceptron_fit(inputs, y, epochs_, rate_));
  }
  void show(View& view) const override {
    for (std::size_t g = 0; g < fits_.size(); ++g) {
      const std::string number = std::to_string(g);
      view.add_matrix("w" + number, fits_[g].w);
      view.add("b" + number, fits_[g].b);
      view.add("errors" + number, doubles(fits_[g].errors));
      view.add("answers" + number, doubles(perceptron_predict(inputs, fits_[g].w, fits_[g].b)));
    }
  }

 private:
  Scalar rate_;
  int epochs_ = 0;
  std::vector<std::vector<int>> labels_;
  std::vector<PerceptronFit> fits_;
};

}  // namespace

std::unique_ptr<Station> perceptron(const Settings& s) { return std::make_unique<Gates>(s); }

}  // namespace gradus::playground
