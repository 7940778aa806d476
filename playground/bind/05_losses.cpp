// 05: one sigmoid output with target 1 under both losses.
#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "chapters/05_losses/experiment.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

using losses::Loss;
using losses::sigmoid_loss;

constexpr Loss both[] = {Loss::squared_error, Loss::cross_entropy};
const Matrix target = {{1}};

class Unit : public Station {
 public:
  explicit Unit(const Settings& s) : rate_(s.scalar("rate")) {
    for (int i = 0; i < 2; ++i) bias_[i] = {{s.scalar("z")}}, keep(i);
  }
  void step(int steps) override {
    for (int i = 0; i < 2; ++i)
      for (int n = 0; n < steps; ++n) {
        descend(bias_[i], sigmoid_loss(both[i], bias_[i], target).dz, rate_);
        keep(i);
      }
  }
  void show(View& view) const override {
    std::vector<double> zs;
    for (int i = -100; i <= 60; ++i) zs.push_back(i / 10.0);
    view.add("zs", zs);
    for (int i = 0; i < 2; ++i) {
      std::vector<double> loss, slope;
      for (double z : zs) {
        const LossGradient g = sigmoid_loss(both[i], {{static_cast<Scalar>(z)}}, target);
        loss.push_back(g.loss);
        slope.push_back(g.dz(0, 0));
      }
      const std::string number = std::to_string(i);
      view.add("loss" + number, loss);
      view.add("slope" + number, slope);
      const Scalar z = bias_[i](0, 0);
      const LossGradient here = sigmoid_loss(both[i], {{z}}, target);
      view.add("here" + number, {z, sigmoid(z), here.loss, here.dz(0, 0)});
      const losses::Run run{.loss = both[i], .outputs = outputs_[i]};
      view.add("steps" + number, losses::steps_to(run, Scalar(0.9)));
      std::vector<double> steps, outputs;
      for (int n : some_of(static_cast<int>(outputs_[i].size()), 300)) {
        steps.push_back(n);
        outputs.push_back(outputs_[i][static_cast<std::size_t>(n)]);
      }
      view.add("count" + number, steps);
      view.add("outputs" + number, outputs);
    }
  }

 private:
  void keep(int i) { outputs_[i].push_back(sigmoid(bias_[i](0, 0))); }

  Scalar rate_;
  Matrix bias_[2];
  std::vector<Scalar> outputs_[2];
};

}  // namespace

std::unique_ptr<Station> losses(const Settings& s) { return std::make_unique<Unit>(s); }

}  // namespace gradus::playground
