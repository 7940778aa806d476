// 02: a hidden layer learns XOR.
#include "chapters/02_xor_mlp/experiment.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

using xor_mlp::inputs;
using xor_mlp::targets;

class Xor : public Station {
 public:
  explicit Xor(const Settings& s) : rate_(s.scalar("rate")) {
    Random random(s.seed());
    net_ = mlp_init(2, s.whole("hidden"), 1, random);
  }
  void step(int steps) override {
    const MlpFit fit = mlp_fit(net_, inputs, targets, steps, rate_);
    net_ = fit.net;
    loss_.insert(loss_.end(), fit.loss.begin(), fit.loss.end());
  }
  void show(View& view) const override {
    const MlpActivations a = mlp_forward(net_, inputs);
    view.add_matrix("y", a.y);
    view.add_matrix("h", a.h);
    view.add_matrix("w1", net_.w1);
    view.add_matrix("b1", net_.b1);
    view.add_matrix("w2", net_.w2);
    view.add_matrix("b2", net_.b2);
    view.add("learned", xor_mlp::is_learned(net_));
    const int side = 41;
    const Matrix points = grid_points(-0.25, 1.25, -0.25, 1.25, side);
    const Matrix surface = mlp_forward(net_, points).y;
    view.add("surface", side, side, {surface.flat().begin(), surface.flat().end()});
    std::vector<double> epochs, loss;
    for (int e : some_of(static_cast<int>(loss_.size()), 400)) {
      epochs.push_back(e + 1);
      loss.push_back(loss_[static_cast<std::size_t>(e)]);
    }
    view.add("epochs", epochs);
    view.add("loss", loss);
  }

 private:
  Scalar rate_;
  Mlp net_;
  std::vector<Scalar> loss_;
};

}  // namespace

std::unique_ptr<Station> xor_mlp(const Settings& s) { return std::make_unique<Xor>(s); }

}  // namespace gradus::playground
