// 09: a network that learns by heart, and what makes that harder.    docs/09_regularization.md

#include <fmt/format.h>

#include <algorithm>

#include "chapters/09_regularization/draw.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::regularization;

namespace {

// ---- lines, one weight, one layer, one split ----

void print_ridge() {
  heading("Ridge on Anscombe's first set: slope and intercept by alpha");
  Table table({"alpha", "slope", "intercept", "the notes"});
  for (double alpha : {0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 110.0, 10000.0}) {
    const LinearModel line = anscombe_line(alpha);
    const char* printed = alpha == 1.2 ? "0.49x + 3.05" : alpha == 1.6 ? "0.49x + 3.07" : "";
    table.row({number(alpha), fixed(line.w(0, 0), 4), fixed(line.b, 3), printed});
  }
  table.print();
}

void print_shrinking() {
  heading("A weight of 0.012 under L1 alone, 0.005 per step");
  Table table({"step", "l1_shrink", "gradient"});
  int step = 0;
  for (const Pulled& weight : pull(0.012, 0.005, 5))
    table.row(
        {std::to_string(step++), fixed(weight.by_shrinking, 3), fixed(weight.by_gradient, 3)});
  table.print();
}

void print_dropout() {
  heading("What the next layer gets from 100 000 units of 1, on average");
  Table table({"rate", "training, not scaled", "training", "test", "not scaled: test/training"});
  Random random(0);
  for (double rate : {0.2, 0.5, 0.7}) {
    const Signal s = signal_under_dropout(rate, random);
    table.row({number(rate), fixed(s.unscaled, 2), fixed(s.training, 2), fixed(s.test, 2),
               fixed(s.test / s.unscaled, 1)});
  }
  table.print();
}

void print_split() {
  heading("20 to 30 % for the test, 20 % of the rest for validation");
  Table table({"samples", "test share", "test", "validation", "training"});
  Random random(0);
  for (int all : {300, 60000})
    for (double share : {0.2, 0.3}) {
      const Split split = split_samples(all, share, 0.2, random);
      table.row({std::to_string(all), number(share), std::to_string(split.test.size()),
                 std::to_string(split.validation.size()), std::to_string(split.train.size())});
    }
  table.print();
}

// ---- seven layers ----

Results train_remedies(const MnistData& data) {
  Results results = usual_results();
  Progress progress("training", count_of_runs(results));
  train_all(results, data, [&] { progress.advance(); });
  return results;
}

void print_remedies(const Results& results) {
  heading("784-100×6-10, 300 images, SGD 0.01, batches of 100, 201 epochs: 5 seeds");
  Table table({"remedy", "train %", "test %", "gap", "test loss", "weights: length", "0 in %"});
  for (const Remedy& remedy : remedies) {
    const Averages a = averages_of(results, remedy);
    table.row({remedy.name, fixed(a.train_accuracy), fixed(a.test_accuracy), fixed(a.gap, 1),
               fixed(a.test_loss, 2), fixed(a.length, 1), fixed(a.zero_share, 0)});
  }
  table.print();
  const Spread kept = averages_of(results, early_stopping).epochs;
  fmt::print(
      "the weights start with a length of {:.1f}; early stopping keeps epoch {:.0f} ±{:.0f}\n",
      averages_of(results, nothing).start_length, kept.mean, kept.deviation);
}

void print_learning_rates(const Results& results) {
  heading("Batch normalization by learning rate: 5 seeds at 0.01, else 3");
  Table table({"learning rate", "batch norm", "train %", "test %", "gap"});
  for (Scalar learning_rate : learning_rates)
    for (const Remedy& plain : {nothing, batch_normalization}) {
      const Remedy remedy = at_learning_rate(plain, learning_rate);
      const Averages a = averages_of(results, remedy);
      const bool fails = std::ranges::any_of(result_of(results, remedy).runs, failed);
      table.row({number(learning_rate), remedy.batch_norm ? "with" : "without",
                 fails ? "fails" : fixed(a.train_accuracy), fails ? "" : fixed(a.test_accuracy),
                 fails ? "" : fixed(a.gap, 1)});
    }
  table.print();
}

}  // namespace

int main() {
  return run_chapter("09 regularization", [] {
    print_ridge();
    print_shrinking();
    print_dropout();
    print_split();
    const MnistData data = load_mnist(mnist_folder, every_fifth);
    const Results results = train_remedies(data);
    print_remedies(results);
    print_learning_rates(results);
    draw_ridge();
    draw_remedies(results);
    draw_curves(data);
    draw_weights(results);
    draw_digits(data);
    return Headline{
        fmt::format("gap of {:.1f} points, with augmentation {:.1f}",
                    averages_of(results, nothing).gap, averages_of(results, augmentation).gap),
        "-"};
  });
}
