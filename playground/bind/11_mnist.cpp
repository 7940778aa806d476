// 11: a network learns to read digits, and reads one that is drawn. A step is an epoch.
#include "chapters/05_losses/losses.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

class Reader : public Station {
 public:
  explicit Reader(const Settings& s)
      : train_(first_digits(images().train, images().train_labels, s.whole("images"))),
        test_(all_digits(images().test, images().test_labels)) {
    const gradus::Settings settings{.units = {784, s.whole("hidden"), 10},
                                    .optimizer = static_cast<Optimizer>(s.whole("optimizer")),
                                    .learning_rate = s.scalar("rate"),
                                    .batch_size = s.whole("batch")};
    training_ = training_init(settings, Random(s.seed()));
  }
  void step(int steps) override {
    for (int i = 0; i < steps; ++i) loss_.push_back(train_epoch(training_, train_));
  }
  void show(View& view) const override {
    const Matrix z = deep_inference(training_.deep, test_.x);
    view.add("losses", loss_);
    view.add("test", {softmax_cross_entropy(z, test_.labels).loss, accuracy(z, test_.labels)});
    view.add("train_accuracy", evaluate(training_.deep, train_).accuracy);
    view.add_matrix("confusion", confusion_matrix(predict(z), test_.labels, 10));
  }
  // drawn=784 numbers, or image=n of the test images: the answer.
  void ask(const Settings& s, View& view) const override {
    Matrix x(1, 784);
    if (s.has("image")) {
      x = take(test_, {s.whole("image")}).x;
    } else {
      const std::vector<double>& drawn = s.list("drawn");
      if (drawn.size() != 784) throw std::invalid_argument("drawn: must be 784 numbers");
      std::copy(drawn.begin(), drawn.end(), x.flat().begin());
    }
    const Matrix z = deep_inference(training_.deep, x);
    view.add("x", 28, 28, {x.flat().begin(), x.flat().end()});
    view.add_matrix("logits", z);
    view.add_matrix("shares", softmax(z));
    view.add("digit", predict(z)[0]);
  }

 private:
  Samples train_, test_;
  Training training_;
  std::vector<double> loss_;
};

}  // namespace

std::unique_ptr<Station> mnist(const Settings& s) { return std::make_unique<Reader>(s); }

}  // namespace gradus::playground
