// 03: a line through noisy points, by all samples, some, or one at a step.
#include "chapters/03_gradient_descent/experiment.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

namespace chapter = gradus::gradient_descent;

class Line : public Station {
 public:
  explicit Line(const Settings& s)
      : rate_(s.scalar("rate")), data_(chapter::noisy_line(s.seed())), random_(s.seed()) {
    batch_ = std::min(s.whole("batch"), data_.x.rows());
    minimum_ = chapter::minimum_of(data_);
    path_ = {chapter::origin()};
    const Matrix points = grid_points(-1.5, 5, -1.5, 4, side);
    for (int i = 0; i < points.rows(); ++i)
      surface_.push_back(linear_loss({.w = {{points(i, 0)}}, .b = points(i, 1)}, data_.x, data_.t));
  }
  void step(int steps) override {
    const Descent d = chapter::descend_by(batch_, path_.back(), data_, rate_, steps, random_);
    path_.insert(path_.end(), d.path.begin() + 1, d.path.end());
  }
  void show(View& view) const override {
    const LinearModel& at = path_.back();
    view.add("w", at.w(0, 0));
    view.add("b", at.b);
    view.add("excess", chapter::excess(at, minimum_, data_));
    view.add("minimum", {minimum_.w(0, 0), minimum_.b});
    view.add("curvature", largest_curvature(data_.x));
    const LinearModel g = linear_gradient(at, data_.x, data_.t);
    view.add("gradient", {g.w(0, 0), g.b});
    view.add("surface", side, side, surface_);
    std::vector<double> steps, excess, ws, bs;
    for (int i : some_of(static_cast<int>(path_.size()), 300)) {
      steps.push_back(i);
      excess.push_back(chapter::excess(path_[static_cast<std::size_t>(i)], minimum_, data_));
    }
    const std::size_t first = path_.size() > 1500 ? path_.size() - 1500 : 0;
    for (std::size_t i = first; i < path_.size(); ++i) {
      ws.push_back(path_[i].w(0, 0));
      bs.push_back(path_[i].b);
    }
    view.add("steps", steps);
    view.add("losses", excess);
    view.add("ws", ws);
    view.add("bs", bs);
  }

 private:
  static constexpr int side = 41;
  Scalar rate_;
  int batch_ = 0;
  chapter::Data data_;
  Random random_;
  LinearModel minimum_;
  std::vector<LinearModel> path_;
  std::vector<double> surface_;
};

}  // namespace

std::unique_ptr<Station> gradient_descent(const Settings& s) { return std::make_unique<Line>(s); }

}  // namespace gradus::playground
