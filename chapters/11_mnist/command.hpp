// The command line of chapter 11: what to train, on what, and where to keep it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chapters/11_mnist/experiment.hpp"
#include "common/report.hpp"

namespace gradus::mnist {

struct Options {
  std::string data = mnist_folder;
  std::string model;  // only this one
  int epochs = 0;     // in all; 0: as many as the model says
  std::uint32_t seed = 42;
  int threads = 0;         // 0: all
  bool full = false;       // the lecture's 1000 epochs
  std::string checkpoint;  // a file; with --full a folder
  bool resume = false;

  bool usual() const { return epochs == 0 && seed == 42 && data == mnist_folder; }

  int epochs_of(const Model& model) const {
    if (epochs > 0) return epochs;
    return full ? model.full_epochs.value_or(model.epochs) : model.epochs;
  }
};

// -1 and the options, or the status with which the program is to end: 0 after --help, 2 after what
// it does not know, with one line that says so.
int parse(int argc, char** argv, Options& options);

// Trains options.model alone, with a checkpoint after each epoch where one is wanted.
Headline train_one(const Options& options);

// Trains all of them, on all threads, one model a thread; where options.checkpoint names a folder,
// each with a checkpoint there.
std::vector<Run> train_models(const std::vector<Model>& models, const MnistData& data,
                              const Options& options);

}  // namespace gradus::mnist
