// 11: the lecture's networks learn to read handwritten digits.                  docs/11_mnist.md

#include <fmt/format.h>

#include <cstdlib>

#include "chapters/05_losses/losses.hpp"
#include "chapters/07_optimizers/names.hpp"
#include "chapters/08_normalization/parameters.hpp"
#include "chapters/11_mnist/command.hpp"
#include "chapters/11_mnist/draw.hpp"
#include "chapters/11_mnist/text.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::mnist;

namespace {

// ---- the smallest network, epoch by epoch ----

void print_epochs(const Run& run) {
  const Settings& s = run.model.settings;
  heading(fmt::format("{}, ReLU, SGD: batches of {}, learning rate {}", layers(s.units),
                      s.batch_size, s.learning_rate));
  for (const Epoch& epoch : run.epochs) fmt::print("{}\n", line_of(epoch));
}

void print_confusion(const Matrix& counts) {
  heading("Test images: true digit down, predicted digit across");
  std::vector<std::string> header = {""};
  for (int k = 0; k < counts.cols(); ++k) header.push_back(fmt::format("{}", k));
  Table table(header);
  for (int i = 0; i < counts.rows(); ++i) {
    std::vector<std::string> cells = {fmt::format("{}", i)};
    for (Scalar count : counts.row(i)) cells.push_back(fmt::format("{}", count));
    table.row(cells);
  }
  table.print();
}

// ---- the lecture's three models ----

void print_models(const std::vector<Run>& runs) {
  heading("The three models of note 003, and the first without its penalty");
  Table settings({"model", "units", "optimizer", "rate", "batch", "dropout", "λ", "images"});
  for (const Run& run : runs) {
    const Settings& s = run.model.settings;
    settings.row({run.model.name, layers(s.units), name_of(s.optimizer),
                  fmt::format("{}", s.learning_rate), fmt::format("{}", s.batch_size),
                  fmt::format("{}", s.dropout), fmt::format("{}", s.l2),
                  fmt::format("{}", run.model.images)});
  }
  settings.print();
  fmt::print("all with batch norm\n\n");
  Table results({"model", "epochs", "training", "test", "√(Σ w²)"});
  for (const Run& run : runs) {
    const Epoch& last = run.epochs.back();
    results.row({run.model.name, fmt::format("{}", last.number), percent(last.train.accuracy),
                 percent(last.test.accuracy), number(length_of_weights(run.training.deep.net))});
  }
  results.print();
}

void print_seconds(const std::vector<Run>& runs) {
  heading("Seconds of training, each on one thread");
  Table table({"model", "seconds", "an epoch"});
  for (const Run& run : runs)
    if (run.timed > 0)
      table.row({run.model.name, fmt::format("{:.1f}", run.seconds),
                 fmt::format("{:.2f}", run.seconds / run.timed)});
  table.print();
}

// ---- too little, and too much ----

void print_fits(const std::vector<Run>& runs) {
  heading("Underfitting and overfitting");
  Table table({"model", "units", "images", "epochs", "training", "test"});
  for (const Run& run : runs) {
    const Epoch& last = run.epochs.back();
    table.row({run.model.name, layers(run.model.settings.units),
               fmt::format("{}", run.model.images + run.model.repeated),
               fmt::format("{}", last.number), percent(last.train.accuracy),
               percent(last.test.accuracy)});
  }
  table.print();
}

// The runs of these models, in their order.
std::vector<Run> runs_of(const std::vector<Run>& runs, const std::vector<Model>& models) {
  std::vector<Run> some;
  for (const Model& model : models) some.push_back(run_of(runs, model));
  return some;
}

Headline demonstrate(const Options& options) {
  // What other data or epochs give leaves the committed figures alone.
  if (!options.usual()) setenv("GRADUS_PLOTS", GRADUS_ROOT "/build/plots", 0);
  const MnistData data = load_mnist(options.data);
  const Model dropped = with_dropout(overfitting, 0.5), unpenalized = without_penalty(model_1);
  const Model once = without_repetition(overfitting);
  std::vector<Model> all = {overfitting, dropped, model_3,   plain,     model_1,
                            unpenalized, model_2, too_small, too_short, too_few};
  if (options.full) all.insert(all.begin(), {dropout_1200, best, once});
  for (Model& model : all) model.epochs = options.epochs_of(model);
  const std::vector<Run> runs = train_models(all, data, options);

  const Run& smallest = run_of(runs, plain);
  const DeepNetwork& net = smallest.training.deep;
  const std::vector<int> predicted = predict(deep_inference(net, data.test.x));
  const int side = data.set.test_images.rows;
  print_epochs(smallest);
  print_confusion(confusion_matrix(predicted, data.test.labels, net.net.b.back().cols()));
  draw_training(smallest);
  draw_misread(data.test, predicted, side);
  draw_weights(net.net.w.front(), side);

  const std::string kind = options.full ? "_full" : "";
  const std::vector<Run> three = runs_of(runs, {model_1, unpenalized, model_2, model_3});
  print_models(three);
  draw_models(three, kind);
  const std::vector<Run> fits =
      runs_of(runs, {too_small, too_short, plain, overfitting, dropped, too_few});
  print_fits(fits);
  draw_fits(fits, kind);
  draw_overfitting(run_of(runs, overfitting), run_of(runs, dropped), kind);
  if (options.full) print_fits(runs_of(runs, {overfitting, once, dropout_1200, best}));
  print_seconds(runs);
  return {fmt::format("test accuracy {}", percent(smallest.epochs.back().test.accuracy)), "-"};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const int status = parse(argc, argv, options); status >= 0) return status;
  return run_chapter("11 mnist", [&] {
    return options.model.empty() ? demonstrate(options) : train_one(options);
  });
}
