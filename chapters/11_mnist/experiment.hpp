// What the demonstration of chapter 11 shows and its claims assert: a network trained on MNIST, and
// how much of it the network reads after each epoch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chapters/11_mnist/mnist.hpp"

namespace gradus::mnist {

struct Digits {
  Samples train, test;
};

// The set in this folder, or in another one with files of the same format.
Digits read_digits(const std::string& folder);

struct Settings {
  std::vector<int> units = {784, 100, 10};
  int batch_size = 100;
  Scalar learning_rate = 0.2;
  std::uint32_t seed = 42;
};

struct Epoch {
  Scalar loss;                           // the mean while it went on
  Scalar train_accuracy, test_accuracy;  // after it
};

// A network in training: its settings, and what has come of it so far.
struct Run {
  Settings settings;
  Random random;
  Network net;
  std::vector<Epoch> epochs;
};

Run start_run(const Settings& settings);

// One more epoch, which is returned and kept in run.epochs.
Epoch next_epoch(Run& run, const Digits& digits);

}  // namespace gradus::mnist
