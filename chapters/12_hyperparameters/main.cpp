// 12: what training does not learn, and how it is chosen.        docs/12_hyperparameters.md

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "chapters/12_hyperparameters/draw.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::hyperparameters;

namespace {

// ---- the learning rate ----

std::vector<Tried> print_learning_rates(const MnistSet& set) {
  const Plan plan = learning_rate_plan(5);
  Progress progress("learning rates", plan.seeds);
  const auto all = try_all(plan, set, Judge::validation_and_test, [&] { progress.advance(); });
  heading("784-64-10, SGD, batches of 32, 5 epochs, 1800 images: 5 seeds");
  Table table({"learning rate", "validation %", "test %"});
  for (const Tried& one : all)
    table.row({number(one.settings.learning_rate), fixed(validation_accuracy(one)),
               fixed(test_accuracy(one))});
  table.print();
  return all;
}

// ---- epochs ----

Course print_epochs(const MnistSet& set) {
  const Course course = course_of(curves(by_heart, set, by_heart_images, by_heart_epochs, 4));
  heading("784-128-10, Adam 0.001, batches of 32, 600 images: mean of 4 seeds");
  Table table({"epochs", "loss: training", "validation", "accuracy: training %", "validation %"});
  for (int epochs : {1, 2, 5, 10, 20, 40, 60}) {
    const int i = epochs - 1;
    table.row({std::to_string(epochs), fixed(course.train_loss[i], 2),
               fixed(course.validation_loss[i], 2), fixed(course.train_accuracy[i]),
               fixed(course.validation_accuracy[i])});
  }
  table.print();
  fmt::print("the validation loss is lowest after epoch {}\n", best_epoch_of(course));
  return course;
}

// ---- batch size ----

Batches print_batch_sizes(const MnistSet& set) {
  const Plan plan = batch_size_plan(4);
  Progress progress("batch sizes", plan.seeds);
  const auto all = try_all(plan, set, Judge::validation, [&] { progress.advance(); });
  heading("784-64-10, SGD, 1800 images, validation after 5 epochs: 4 seeds");
  Table table({"batch size", "steps per epoch", "at 0.1: %", "best rate", "there: %",
               fmt::format("epochs until {:.0f} %", enough)});
  Batches b;
  for (int size : batch_sizes) {
    const Tried &same = with_batch(all, size, 0.1), &best = best_with_batch(all, size);
    const int epochs = epochs_until_enough(best.settings, set, 4);
    const int steps = iterations_per_epoch(1800, size);
    table.row({std::to_string(size), std::to_string(steps), fixed(validation_accuracy(same).mean),
               number(best.settings.learning_rate), fixed(validation_accuracy(best).mean),
               epochs > 0 ? std::to_string(epochs) : fmt::format("> {}", patience_in_epochs)});
    b.sizes.push_back(size);
    b.same_rate.push_back(validation_accuracy(same).mean);
    b.best_rate.push_back(validation_accuracy(best).mean);
    b.epochs.push_back(epochs > 0 ? epochs : HUGE_VAL);
    b.seconds.push_back(seconds_per_epoch(set, best.settings));
  }
  table.print();
  return b;
}

// ---- a search ----

Search print_search(const MnistSet& set) {
  const Search found = random_search(set, 32, 0);
  heading("Random search, 32 draws, 1800 images, 6 epochs: the best five and the worst");
  Table table(
      {"validation %", "training %", "optimizer", "rate", "batch", "network", "dropout", "λ"});
  const auto row = [&](const Trial& trial) {
    const Settings& s = trial.settings;
    table.row({fixed(100 * trial.validation.accuracy), fixed(100 * trial.train.accuracy),
               name_of(s.optimizer), fmt::format("{:.2g}", s.learning_rate),
               std::to_string(s.batch_size), fmt::format("{}", fmt::join(s.units, "-")),
               fixed(s.dropout, 2), fmt::format("{:.1g}", s.l2)});
  };
  for (int i = 0; i < 5; ++i) row(found.trials[i]);
  row(found.trials.back());
  table.print();
  fmt::print("of the test, at which we look this once, the best one reads {:.1f} %\n",
             100 * found.test.accuracy);
  return found;
}

// ---- chance against grid ----

std::vector<Contest> print_contests(const MnistSet& set) {
  Progress progress("grid and chance", contest_seeds);
  const auto all = contests(set, [&] { progress.advance(); });
  heading("27 settings of a 3·3·3 grid against 27 draws: 784-32-10, 600 images, 5 epochs");
  Table table({"seed", "grid: validation %", "test %", "random: validation %", "test %"});
  int seed = 0;
  for (const Contest& c : all) {
    const auto best = [](const std::vector<Trial>& trials) {
      return fixed(100 * trials[best_of(trials)].validation.accuracy);
    };
    table.row({std::to_string(seed++), best(c.grid), fixed(c.grid_test), best(c.random),
               fixed(c.random_test)});
  }
  table.row({"mean", "", fixed(spread_of(column(all, &Contest::grid_test))), "",
             fixed(spread_of(column(all, &Contest::random_test)))});
  table.print();
  return all;
}

// ---- the remedies ----

std::string strength_of(const Settings& s) {
  std::string text = fmt::format("rate {:.2g}", s.learning_rate);
  if (s.dropout > 0) text += fmt::format(", dropout {:.2f}", s.dropout);
  if (s.l2 > 0) text += fmt::format(", λ {:.1g}", s.l2);
  if (s.augmentation.shift > 0)
    text += fmt::format(", ±{} pixels ±{}°", s.augmentation.shift, s.augmentation.degrees);
  return text;
}

std::vector<Remedied> print_remedies(const Tournament& plan, const std::vector<Remedy>& remedies,
                                     const MnistSet& set) {
  const int training = plan.images * 4 / 5;
  Progress progress("remedies", static_cast<int>(remedies.size()));
  const auto results = tournament(plan, remedies, set, [&] { progress.advance(); });
  heading(fmt::format("{} images, 784-100-100-10, Adam, {} epochs: the best of {} draws, {} seeds",
                      training, plan.epochs, plan.draws, plan.seeds));
  Table table({"remedy", "validation %", "training %", "test %", "chosen"});
  for (const Remedied& r : results)
    table.row({r.remedy.name, fixed(r.validation), fixed(r.train.mean), fixed(r.test),
               strength_of(r.chosen)});
  table.print();
  return results;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view option = argc > 1 ? argv[1] : "";
  if (argc > 2 || (argc == 2 && option != "--full")) {
    const bool help = option == "--help" || option == "-h";
    fmt::print(help ? stdout : stderr,
               "12_hyperparameters [--full]\n"
               "  --full  tries all remedies of chapter 09, alone and in pairs: some minutes\n");
    return ended(help ? 0 : 2);
  }
  const bool full = argc == 2;
  return run_chapter("12 hyperparameters", [full] {
    const MnistSet set = read_mnist(mnist_folder);
    draw_learning_rates(print_learning_rates(set));
    draw_epochs(print_epochs(set));
    const Batches batches = print_batch_sizes(set);
    draw_batch_sizes(batches), draw_batch_times(batches);
    const Search found = print_search(set);
    draw_search(found);
    draw_contests(print_contests(set));
    if (full) {
      const std::vector<Tournament> plans = {full_300, full_3000};
      std::vector<std::vector<Remedied>> results;
      for (const Tournament& plan : plans) results.push_back(print_remedies(plan, remedies(), set));
      draw_remedies("12_hyperparameters/remedies_full.svg", plans, results);
    } else {
      draw_remedies("12_hyperparameters/remedies.svg", {small_300},
                    {print_remedies(small_300, few_remedies(), set)});
    }
    return Headline{
        fmt::format("{:.1f} % of the test, chosen by validation", 100 * found.test.accuracy), "-"};
  });
}
