// 06: what ten layers make of a start. A step is one layer of the way up.
#include "chapters/06_initialization/experiment.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

namespace chapter = gradus::initialization;

class TenLayers : public Station {
 public:
  explicit TenLayers(const Settings& s) {
    const Init init = static_cast<Init>(s.whole("init"));
    const Activation f = static_cast<Activation>(s.whole("activation"));
    const double low = f == Activation::relu ? 0 : f == Activation::sigmoid ? 0 : -1;
    const double high = f == Activation::relu ? 4 : 1;
    const chapter::Stack stack = chapter::ten_layers(init, f, s.seed());
    for (const Matrix& a : stack.a) {
      const chapter::Histogram h = chapter::histogram_of(a, low, high, bins);
      edges_ = h.edges;
      heights_.insert(heights_.end(), h.heights.begin(), h.heights.end());
      deviations_.push_back(standard_deviation(a));
      by_input_.push_back(chapter::deviation_by_input(a));
      zeros_.push_back(chapter::share(a, [](Scalar v) { return v == 0; }));
    }
    ratio_ = chapter::gradient_ratio(init, f, s.seed());
  }
  void step(int steps) override { shown_ = std::min(shown_ + steps, layers); }
  void show(View& view) const override {
    view.add("shown", shown_);
    view.add("edges", edges_);
    view.add("heights", layers, bins, heights_);
    view.add("deviations", deviations_);
    view.add("by_input", by_input_);
    view.add("zeros", zeros_);
    view.add("ratio", ratio_);
  }

 private:
  static constexpr int layers = 10, bins = 40;
  int shown_ = 0;
  std::vector<double> edges_, heights_, deviations_, by_input_, zeros_;
  double ratio_ = 0;
};

}  // namespace

std::unique_ptr<Station> initialization(const Settings& s) {
  return std::make_unique<TenLayers>(s);
}

}  // namespace gradus::playground
