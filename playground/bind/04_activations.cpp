// 04: a gradient on its way back through a stack. A step is one layer of the way.
#include "chapters/01_perceptron/perceptron.hpp"
#include "chapters/02_xor_mlp/xor_mlp.hpp"
#include "chapters/04_activations/experiment.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

using activations::Stack;

constexpr Activation all[] = {Activation::step, Activation::sigmoid, Activation::tanh,
                              Activation::relu, Activation::leaky_relu};

class Depth : public Station {
 public:
  explicit Depth(const Settings& s) : layers_(s.whole("layers")) {
    for (Activation f : all) {
      const double deviation = s.number("scale") * activations::xavier;
      const Stack stack{.name = "", .f = f, .deviation = deviation, .layers = layers_};
      norms_.push_back(doubles(activations::norms_of(stack, s.seed())));
    }
    for (int i = -100; i <= 100; ++i) zs_.push_back(i / 20.0);
    add_curves(s.scalar("z"));
  }
  void step(int steps) override { shown_ = std::min(shown_ + steps, layers_); }
  void show(View& view) const override {
    view.add("shown", shown_);
    for (std::size_t f = 0; f < norms_.size(); ++f) {
      view.add("norms" + std::to_string(f), norms_[f]);
      view.add("value" + std::to_string(f), values_[f]);
      view.add("slope" + std::to_string(f), slopes_[f]);
    }
    view.add("zs", zs_);
    view.add("here", here_);
  }

 private:
  // Values and slopes of all activations, over the whole range and at one z.
  void add_curves(Scalar z) {
    Matrix at(1, static_cast<int>(zs_.size()) + 1, z);
    for (std::size_t i = 0; i < zs_.size(); ++i) at.flat()[i] = static_cast<Scalar>(zs_[i]);
    const Matrix ones(1, at.cols(), 1);
    for (Activation f : all) {
      const Matrix y = activation_forward(f, at), dz = activation_backward(f, ones, at, y);
      values_.emplace_back(y.flat().begin(), y.flat().end() - 1);
      slopes_.emplace_back(dz.flat().begin(), dz.flat().end() - 1);
      here_.push_back(y.flat().back());
      here_.push_back(dz.flat().back());
    }
  }

  int layers_, shown_ = 0;
  std::vector<std::vector<double>> norms_, values_, slopes_;
  std::vector<double> zs_, here_;
};

}  // namespace

std::unique_ptr<Station> activations(const Settings& s) { return std::make_unique<Depth>(s); }

}  // namespace gradus::playground
