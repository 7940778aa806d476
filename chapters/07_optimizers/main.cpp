// 07: seven ways to use a gradient, raced against each other.              docs/07_optimizers.md

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/07_optimizers/draw.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::optimizers;

namespace {

// ---- the ravine ----

void print_ravine(const std::vector<Run>& runs) {
  heading("30 steps on x^2/20 + y^2 from (-7, 2)");
  Table table({"optimizer", "rate", "x at the end", "y at the end", "times y crosses 0", "loss",
               "best rate", "loss there"});
  for (const Run& run : runs) {
    const Run best = best_on_the_ravine(run.optimizer);
    table.row({name_of(run.optimizer), number(run.learning_rate),
               fmt::format("{:.4f}", run.x.back()), fmt::format("{:.4f}", run.y.back()),
               fmt::format("{}", crossings(run.y)), fmt::format("{:.4f}", run.loss.back()),
               fmt::format("{:.2g}", best.learning_rate), fmt::format("{:.4f}", best.loss.back())});
  }
  table.print();
}

// ---- the size of a step, learning rate 0.1 ----

const Optimizer no_decay[] = {Optimizer::sgd,     Optimizer::momentum, Optimizer::nesterov,
                              Optimizer::adagrad, Optimizer::rmsprop,  Optimizer::adam};

using Rows = std::vector<std::pair<std::string, Values>>;  // a label, and gradients

// The size of the step that the last of the gradients makes.
void print_steps(const std::string& first, const Rows& rows, int digits) {
  std::vector<std::string> header = {first};
  for (Optimizer optimizer : no_decay) header.push_back(name_of(optimizer));
  Table table(header);
  for (const auto& [label, gradients] : rows) {
    std::vector<std::string> cells = {label};
    for (Optimizer optimizer : no_decay) {
      const double size = step_sizes(optimizer, gradients, Scalar(0.1)).back();
      cells.push_back(fmt::format("{:.{}g}", size, digits));
    }
    table.row(cells);
  }
  table.print();
}

void print_step_sizes() {
  heading("Size of the first step, learning rate 0.1");
  print_steps("gradient", {{"0.001", {0.001}}, {"1", {1}}, {"1000", {1000}}}, 4);
  heading("Size of step t under a constant gradient of 1, learning rate 0.1");
  Rows rows;
  for (int t : {1, 2, 10, 100, 1000}) rows.emplace_back(std::to_string(t), Values(t, 1.0));
  print_steps("t", rows, 3);
}

// ---- MNIST ----

std::string loss_at(const Run& run, int n) { return fmt::format("{:.2f}", run.mean_loss(n)); }

void print_mnist(const std::vector<Run>& runs) {
  heading("MNIST, 784-100-100-10: mean loss of 20 batches, usual rates");
  Table early({"optimizer", "rate", "31 to 50", "81 to 100", "281 to 300"});
  for (Optimizer optimizer : on_mnist) {
    const Run& run = run_of(runs, optimizer, usual_learning_rate(optimizer));
    early.row({name_of(optimizer), number(run.learning_rate), loss_at(run, 50), loss_at(run, 100),
               loss_at(run, batches)});
  }
  early.print();
  heading("The last column, all with the same rates");
  std::vector<std::string> header = {"optimizer"};
  for (double rate : learning_rates) header.push_back(number(rate));
  header.insert(header.end(), {"best rate", "loss there"});
  Table table(header);
  for (Optimizer optimizer : on_mnist) {
    const Run& best = best_of(runs, optimizer);
    std::vector<std::string> cells = {name_of(optimizer)};
    for (double rate : learning_rates) {
      const Run& run = run_of(runs, optimizer, rate);
      const bool too_far = run.learning_rate > best.learning_rate;  // chance decides how far
      cells.push_back((too_far ? "> " : "") + loss_at(too_far ? best : run, batches));
    }
    cells.insert(cells.end(), {number(best.learning_rate), loss_at(best, batches)});
    table.row(cells);
  }
  table.print();
}

}  // namespace

int main() {
  return run_chapter("07 optimizers", [] {
    print_ravine(runs_on_the_ravine());
    draw_ravine(runs_on_the_ravine());
    print_step_sizes();
    draw_effective_rates();
    draw_race();
    const std::vector<Run> runs = train_all(training_digits(), 42);
    print_mnist(runs);
    draw_mnist(runs);
    return Headline{"MNIST: momentum " + loss_at(best_of(runs, Optimizer::momentum), batches) +
                        ", Adam " + loss_at(best_of(runs, Optimizer::adam), batches),
                    "-"};
  });
}
