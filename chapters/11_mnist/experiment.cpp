#include "chapters/11_mnist/experiment.hpp"

#include "chapters/05_losses/losses.hpp"
#include "chapters/06_initialization/digits.hpp"

namespace gradus::mnist {

Digits read_digits(const std::string& folder) {
  const MnistSet set = read_mnist(folder);
  return {.train = all_digits(set.train_images, set.train_labels),
          .test = all_digits(set.test_images, set.test_labels)};
}

Run start_run(const Settings& settings) {
  Run run{.settings = settings, .random = Random(settings.seed), .net = {}, .epochs = {}};
  run.net = network_init(settings.units, Init::he, run.random);
  return run;
}

Epoch next_epoch(Run& run, const Digits& digits) {
  const auto& [train, test] = digits;
  const Scalar loss =
      train_epoch(run.net, train, run.settings.batch_size, run.settings.learning_rate, run.random);
  run.epochs.push_back({.loss = loss,
                        .train_accuracy = accuracy(network_forward(run.net, train.x), train.labels),
                        .test_accuracy = accuracy(network_forward(run.net, test.x), test.labels)});
  return run.epochs.back();
}

}  // namespace gradus::mnist
