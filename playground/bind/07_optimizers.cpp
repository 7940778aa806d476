// 07: seven optimizers race down a ravine.
#include <algorithm>
#include <iterator>

#include "chapters/07_optimizers/experiment.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

namespace chapter = gradus::optimizers;

class Race : public Station {
 public:
  // rate: the learning rate of all, or 0: each has the one that brings it lowest after 30 steps.
  explicit Race(const Settings& s) : x_(s.scalar("x")), y_(s.scalar("y")), s_(s.scalar("s")) {
    for (Optimizer optimizer : chapter::all_optimizers)
      rates_.push_back(s.number("rate") > 0
                           ? s.scalar("rate")
                           : chapter::best_on_the_ravine(optimizer, s_).learning_rate);
    step(0);
    for (int i = 0; i < side; ++i)
      for (int j = 0; j < side; ++j)
        surface_.push_back(
            chapter::ravine(-10 + 20.0 * j / (side - 1), -4.5 + 9.0 * i / (side - 1), s_));
  }
  void step(int steps) override {
    steps_ += steps;
    runs_.clear();
    for (std::size_t i = 0; i < rates_.size(); ++i)
      runs_.push_back(
          chapter::descend_ravine(chapter::all_optimizers[i], rates_[i], x_, y_, steps_, s_));
  }
  void show(View& view) const override {
    view.add("rates", doubles(rates_));
    view.add("surface", side, side, surface_);
    std::vector<double> ends;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const chapter::Run& run = runs_[i];
      const std::string number = std::to_string(i);
      view.add("x" + number, run.x);
      view.add("y" + number, run.y);
      view.add("loss" + number, run.loss);
      ends.insert(ends.end(),
                  {run.x.back(), run.y.back(), 1.0 * chapter::crossings(run.y), run.loss.back()});
    }
    view.add("ends", static_cast<int>(runs_.size()), 4, ends);
  }

 private:
  static constexpr int side = 41;
  Scalar x_, y_, s_;
  int steps_ = 0;
  std::vector<Scalar> rates_;
  std::vector<chapter::Run> runs_;
  std::vector<double> surface_;
};

}  // namespace

std::unique_ptr<Station> optimizers(const Settings& s) { return std::make_unique<Race>(s); }

}  // namespace gradus::playground
