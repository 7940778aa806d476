#include "chapters/11_mnist/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>

#include "chapters/11_mnist/checkpoint.hpp"
#include "chapters/11_mnist/text.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::mnist {

namespace {

volatile std::sig_atomic_t interrupted = 0;

// The first Ctrl-C ends the training after its epoch; the second one ends the program.
void stop_after_epoch() {
  std::signal(SIGINT, [](int) {
    interrupted = 1;
    std::signal(SIGINT, SIG_DFL);
  });
}

// What was begun with other settings is another network's.
Run resumed(const Model& model, const std::string& file) {
  Run run = load_checkpoint(file);
  const bool same = run.model.name == model.name && run.model.images == model.images &&
                    run.model.repeated == model.repeated &&
                    same_settings(run.training.settings, model.settings);
  if (!same)
    throw CheckpointError(
        fmt::format("{} is no checkpoint of {} with its settings; it was made by {}", file,
                    model.name, run.model.name));
  run.model = model;
  return run;
}

Run begin(const Model& model, const Options& options, const std::string& file) {
  if (options.resume && !file.empty() && std::filesystem::exists(file)) return resumed(model, file);
  return start(model, options.seed);
}

}  // namespace

int parse(int argc, char** argv, Options& options) {
  CLI::App app("11: the lecture's networks learn to read handwritten digits");
  app.add_option("--data", options.data, "a folder with four files in the format of MNIST");
  app.add_option("--model", options.model, "train only this one: " + names_of_models());
  // Some versions of CLI11 read 2x as 2 and 010 as 8.
  const CLI::Validator digits(
      [](const std::string& text) {
        const bool well = !text.empty() && text.find_first_not_of("0123456789") == text.npos &&
                          (text.size() == 1 || text[0] != '0');
        return well ? "" : "'" + text + "' is no whole number";
      },
      "");
  app.add_option("--epochs", options.epochs, "in all")
      ->check(digits)
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", options.seed, "of weights, order and dropped units")->check(digits);
  app.add_option("--threads", options.threads, "how many")
      ->check(digits)
      ->check(CLI::Range(1, 1024));
  app.add_flag("--full", options.full, "the lecture's 1000 epochs, and the larger networks");
  app.add_option("--checkpoint", options.checkpoint,
                 "a file to save the training in after each epoch; with --full a folder");
  app.add_flag("--resume", options.resume, "go on from the checkpoint");
  try {
    app.parse(argc, argv);
    if (!options.model.empty()) model_of(options.model);
    if (options.resume && options.checkpoint.empty())
      throw CLI::ValidationError("--resume", "needs --checkpoint, which names what to go on from");
    if (!options.checkpoint.empty() && options.model.empty() && !options.full)
      throw CLI::ValidationError("--checkpoint", "needs --model or --full");
    if (options.resume && !options.full && !std::filesystem::exists(options.checkpoint))
      throw CLI::ValidationError("--resume", "there is no checkpoint " + options.checkpoint);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return ended(0);
  } catch (const std::exception& error) {
    fmt::print(stderr, "gradus: {}\n", error.what());
    return 2;
  }
#ifdef _OPENMP
  if (options.threads > 0) omp_set_num_threads(options.threads);
#endif
  return -1;
}

Headline train_one(const Options& options) {
  const Model& model = model_of(options.model);
  const int epochs = options.epochs_of(model);
  const MnistData data = load_mnist(options.data);
  Run run = begin(model, options, options.checkpoint);
  heading(fmt::format("{}: {}, batches of {}", model.name, layers(model.settings.units),
                      model.settings.batch_size));
  if (run.training.epoch > 0) fmt::print("goes on after epoch {}\n", run.training.epoch);
  stop_after_epoch();
  Progress progress("training", std::max(1, epochs - run.training.epoch));
  train(run, training_samples(model, data), data.test, epochs, 1, [&](const Run& now) {
    if (!options.checkpoint.empty()) save_checkpoint(now, options.checkpoint);
    progress.advance(line_of(now.epochs.back()));
    return interrupted == 0;
  });
  if (interrupted != 0)
    fmt::print("stopped after epoch {}{}\n", run.training.epoch,
               options.checkpoint.empty() ? "" : "; --resume goes on");
  if (run.epochs.empty()) return {"nothing to train", "-"};
  return {"test accuracy " + percent(run.epochs.back().test.accuracy), "-"};
}

std::vector<Run> train_models(const std::vector<Model>& models, const MnistData& data,
                              const Options& options) {
  if (!options.checkpoint.empty()) std::filesystem::create_directories(options.checkpoint);
  const auto file_of = [&](const Model& model) {
    return options.checkpoint.empty() ? "" : options.checkpoint + "/" + model.name;
  };
  std::vector<Run> runs;
  int epochs = 0;
  for (const Model& model : models) {
    runs.push_back(begin(model, options, file_of(model)));
    epochs += model.epochs;
  }
  Progress progress("training", epochs);
  for (const Run& run : runs)
    for (int epoch = 0; epoch < run.training.epoch; ++epoch) progress.advance();
  train_all(runs, data, [&](const Run& run) {
    if (!options.checkpoint.empty()) save_checkpoint(run, file_of(run.model));
    progress.advance();
  });
  return runs;
}

}  // namespace gradus::mnist
