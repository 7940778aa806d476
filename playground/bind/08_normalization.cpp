// 08: six layers on 1000 digits, without and with batch norm. A step is an epoch of both.
#include <limits>

#include "chapters/08_normalization/experiment.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "playground/bind/station.hpp"

namespace gradus::playground {
namespace {

namespace chapter = gradus::normalization;

// The network of chapter 08's experiment, trained by chapter 11's epochs.
Training training_of(const Settings& s, bool batch_norm) {
  Training t;
  t.settings = {.batch_norm = batch_norm, .learning_rate = s.scalar("rate"), .batch_size = 100};
  t.random = Random(s.seed());
  t.deep = chapter::scaled_network({.weight_scale = s.number("scale"), .batch_norm = batch_norm},
                                   t.random);
  t.states.resize(parameters(t.deep).size());
  return t;
}

struct Course {
  Training training;
  std::vector<double> loss = {}, accuracy = {};
  std::string problem = {};  // why it does not go on
};

class Norms : public Station {
 public:
  explicit Norms(const Settings& s)
      : images_(first_digits(images().train, images().train_labels, 1000)),
        courses_{{training_of(s, false)}, {training_of(s, true)}} {}
  void step(int steps) override {
    for (Course& course : courses_)
      for (int i = 0; i < steps; ++i) step(course);
  }
  void show(View& view) const override {
    for (int i = 0; i < 2; ++i) {
      const std::string number = std::to_string(i);
      view.add("loss" + number, courses_[i].loss);
      view.add("accuracy" + number, courses_[i].accuracy);
      view.add("exploded" + number, courses_[i].problem.empty() ? 0 : 1);
    }
  }

 private:
  void step(Course& course) {
    double loss = std::numeric_limits<double>::infinity();
    if (course.problem.empty()) try {
        loss = train_epoch(course.training, images_);
      } catch (const std::invalid_argument& e) {
        course.problem = e.what();
      }
    course.loss.push_back(loss);
    course.accuracy.push_back(chapter::accuracy_on(images_, course.training.deep));
  }

  Samples images_;
  Course courses_[2];
};

}  // namespace

std::unique_ptr<Station> normalization(const Settings& s) { return std::make_unique<Norms>(s); }

}  // namespace gradus::playground
