// The figures of chapter 12.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "chapters/07_optimizers/names.hpp"
#include "chapters/12_hyperparameters/remedies.hpp"
#include "chapters/12_hyperparameters/search.hpp"
#include "common/report.hpp"

namespace gradus::hyperparameters {

inline void draw_learning_rates(const std::vector<Tried>& all) {
  Values rates, validation, test, low, high;
  for (const Tried& one : all) {
    const Spread s = validation_accuracy(one);
    rates.push_back(one.settings.learning_rate);
    validation.push_back(s.mean), test.push_back(test_accuracy(one).mean);
    low.push_back(s.mean - s.deviation), high.push_back(s.mean + s.deviation);
  }
  const double chosen = best_of_means(all).settings.learning_rate;
  const double by_test = rates[std::ranges::max_element(test) - test.begin()];
  const std::string agree =
      chosen == by_test ? "and so is the test" : "the test at " + number(by_test);
  Figure figure(
      "12_hyperparameters/learning_rate.svg",
      fmt::format("Validation is best at a learning rate of {}, {}", number(chosen), agree), 860,
      460);
  Panel& panel = figure.panel("too low learns nothing in 5 epochs, too high destroys the network");
  panel.x_axis("learning rate", {2e-4, 15}).log_x().y_axis("accuracy, %, 5 seeds", {0, 100});
  panel.band(rates, low, high, "validation ± standard deviation", {.colour = Colour::blue});
  panel.line(rates, validation, "validation", {.colour = Colour::blue, .shape = Shape::circle});
  panel.line(rates, test, "test", {.colour = Colour::vermillion, .dashed = true});
  panel.vertical(chosen, "chosen");
  show(figure);
}

inline void draw_epochs(const Course& course) {
  const int best = best_epoch_of(course);
  const std::string right = fixed(course.validation_accuracy[best - 1], 0);
  const std::string in_the_end = fixed(course.validation_accuracy.back(), 0);
  Figure figure(
      "12_hyperparameters/epochs.svg",
      fmt::format("After epoch {} the validation loss rises from {:.2f} to {:.2f}, the "
                  "accuracy {} {} %",
                  best, course.validation_loss[best - 1], course.validation_loss.back(),
                  right == in_the_end ? "stays at" : "goes from " + right + " to", in_the_end),
      1100, 440);
  figure.layout(1, 2);
  Panel& loss = figure.panel("loss: underfitting to the left, overfitting to the right");
  loss.x_axis("epoch", {0, by_heart_epochs}).y_axis("cross-entropy", {0, 1.4}).key(Key::line_ends);
  loss.line(course.epoch, course.train_loss, "training", {.colour = Colour::blue});
  loss.line(course.epoch, course.validation_loss, "validation", {.colour = Colour::vermillion});
  loss.vertical(best, "lowest");
  Panel& accuracy = figure.panel("accuracy");
  accuracy.x_axis("epoch", {0, by_heart_epochs}).y_axis("accuracy, %", {60, 102});
  accuracy.key(Key::line_ends);
  accuracy.line(course.epoch, course.train_accuracy, "training", {.colour = Colour::blue});
  accuracy.line(course.epoch, course.validation_accuracy, "validation",
                {.colour = Colour::vermillion});
  accuracy.vertical(best);
  show(figure);
}

struct Batches {
  Values sizes, same_rate, best_rate, epochs, seconds;  // epochs: until enough, or infinity
};

inline Panel& by_batch_size(Figure& figure, const std::string& title) {
  Panel& panel = figure.panel(title);
  return panel.x_axis("batch size", {3, 340}).log_x().x_tics({4, 16, 64, 256});
}

inline void draw_batch_sizes(const Batches& b) {
  Figure figure(
      "12_hyperparameters/batch_size.svg",
      fmt::format("After 5 epochs batches of {} have read more than those of {}: {:.0f} "
                  "against {:.0f} %, each at its best learning rate",
                  b.sizes.front(), b.sizes.back(), b.best_rate.front(), b.best_rate.back()),
      1100, 440);
  figure.layout(1, 2);
  Panel& accuracy = by_batch_size(figure, "validation after 5 epochs");
  accuracy.y_axis("accuracy, %", {0, 100});
  accuracy.line(b.sizes, b.best_rate, "best of three learning rates", {.shape = Shape::circle});
  accuracy.line(b.sizes, b.same_rate, "learning rate 0.1", {.shape = Shape::square});
  Panel& epochs = by_batch_size(figure, "larger batches take fewer steps and need more epochs");
  epochs.y_axis(fmt::format("epochs until {:.0f} %", enough), {0, 30}).key(Key::none);
  epochs.line(b.sizes, b.epochs, "", {.colour = Colour::black, .shape = Shape::circle});
  show(figure);
}

inline void draw_batch_times(const Batches& b) {
  Values milliseconds, until;
  for (std::size_t i = 0; i < b.sizes.size(); ++i) {
    milliseconds.push_back(1000 * b.seconds[i]);
    until.push_back(milliseconds[i] * b.epochs[i]);
  }
  Figure figure(
      "12_hyperparameters/batch_time.svg",
      fmt::format(
          "An epoch takes {:.1f} times as long in batches of {} as in batches of {}, on one thread",
          milliseconds.front() / milliseconds.back(), b.sizes.front(), b.sizes.back()),
      1100, 440);
  figure.measured().layout(1, 2);
  Panel& epoch = by_batch_size(figure, "one epoch, 1800 images");
  epoch.y_axis("milliseconds").log_y().key(Key::none);
  epoch.line(b.sizes, milliseconds, "", {.colour = Colour::black, .shape = Shape::circle});
  Panel& all = by_batch_size(figure, fmt::format("all epochs until {:.0f} % are read", enough));
  all.y_axis("milliseconds").log_y().key(Key::none);
  all.line(b.sizes, until, "", {.colour = Colour::black, .shape = Shape::circle});
  show(figure);
}

inline void draw_search(const Search& found) {
  const std::vector<Trial>& trials = found.trials;  // the best first
  const std::size_t best_few = std::min<std::size_t>(8, trials.size());
  Figure figure(
      "12_hyperparameters/search.svg",
      fmt::format("{} draws: the best reads {:.1f} % of the validation and {:.1f} % of "
                  "the test samples; half of them stay below {:.0f} %",
                  trials.size(), 100 * trials.front().validation.accuracy,
                  100 * found.test.accuracy, 100 * trials[trials.size() / 2].validation.accuracy),
      1200, 440);
  figure.layout(1, 3).shared_key();
  const auto draw = [&](const char* label, bool log, auto value) {
    Values best;
    for (std::size_t i = 0; i < best_few; ++i) best.push_back(value(trials[i].settings));
    const auto [low, high] = std::ranges::minmax(best);
    Panel& panel = figure.panel(fmt::format("the best {}: {:.2g} to {:.2g}", best_few, low, high));
    panel.x_axis(label).y_axis("validation accuracy, %", {0, 100});
    if (log) panel.log_x();
    for (Optimizer optimizer : {Optimizer::sgd, Optimizer::momentum, Optimizer::adam}) {
      Values xs, ys;
      for (const Trial& trial : trials)
        if (trial.settings.optimizer == optimizer) {
          xs.push_back(value(trial.settings));
          ys.push_back(100 * trial.validation.accuracy);
        }
      panel.points(xs, ys, name_of(optimizer), {.size = 1.2});
    }
  };
  draw("learning rate", true, [](const Settings& s) { return s.learning_rate; });
  draw("dropout", false, [](const Settings& s) { return s.dropout; });
  draw("λ of L2", true, [](const Settings& s) { return s.l2; });
  show(figure);
}

inline void draw_contests(const std::vector<Contest>& all) {
  const Values grids = column(all, &Contest::grid_test),
               randoms = column(all, &Contest::random_test);
  Figure figure("12_hyperparameters/grid_and_random.svg",
                fmt::format("{} settings each: the grid's best reads {:.1f} % of the test, that of "
                            "the draws {:.1f} %, mean of {} seeds",
                            all.front().grid.size(), mean_of(grids), mean_of(randoms), all.size()),
                1200, 460);
  figure.layout(1, 3);
  const auto draw = [&](const char* title, const std::vector<Trial>& trials, Colour colour) {
    const auto rate = [](const Trial& trial) { return trial.settings.learning_rate; };
    Panel& panel = figure.panel(title);
    panel.x_axis("learning rate", {1e-4, 10}).log_x().y_axis("validation accuracy, %", {0, 100});
    panel.key(Key::none).points(column(trials, rate), accuracies(trials), "",
                                {.colour = colour, .size = 1.2});
  };
  draw("grid: 3 learning rates, each tried 9 times", all.front().grid, Colour::blue);
  draw(fmt::format("draws: {} learning rates", all.front().random.size()).c_str(),
       all.front().random, Colour::vermillion);
  const Values seeds = counted(all.size());
  Panel& panel = figure.panel("the best of each, by seed");
  panel.x_axis("seed", {-0.5, static_cast<double>(all.size()) - 0.5}).x_tics(seeds);
  panel.y_axis("test accuracy, %", {50, 100});
  panel.points(seeds, grids, "grid", {.colour = Colour::blue, .size = 1.4});
  panel.points(seeds, randoms, "draws",
               {.colour = Colour::vermillion, .shape = Shape::triangle, .size = 1.4});
  show(figure);
}

inline void draw_remedies(const std::string& file, const std::vector<Tournament>& plans,
                          const std::vector<std::vector<Remedied>>& all) {
  const auto accuracy = [](const Remedied& r) { return r.test.mean; };
  std::string title = "New digits are read best with ";
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Remedied& best = *std::ranges::max_element(all[i], {}, accuracy);
    title += fmt::format("{}{} ({} images: {:.1f} %, with nothing {:.1f} %)", i > 0 ? "; " : "",
                         best.remedy.name, plans[i].images * 4 / 5, best.test.mean,
                         result_of(all[i], "nothing").test.mean);
  }
  const int rows = static_cast<int>(all.size());
  Figure figure(file, title, rows > 1 ? 1500 : 860, 60 + 360 * rows);
  figure.layout(rows, 1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    Names names;
    Values at, test;
    Panel& panel = figure.panel(fmt::format("{} images, mean and standard deviation of {} seeds",
                                            plans[i].images * 4 / 5, plans[i].seeds));
    for (const Remedied& r : all[i]) {
      const double x = static_cast<double>(at.size()), half = r.test.deviation;
      names.push_back(r.remedy.name), at.push_back(x), test.push_back(r.test.mean);
      panel.line({x, x}, {r.test.mean - half, r.test.mean + half}, "", {.colour = Colour::blue});
      panel.text(x + 0.05, r.test.mean + half, fixed(r.test.mean), Align::left);
    }
    panel.points(at, test, "", {.colour = Colour::blue, .size = 1.4}).key(Key::none);
    panel.horizontal(test.front(), "", {.colour = Colour::grey, .width = 1.5, .dashed = true});
    panel.x_axis("", {-0.5, static_cast<double>(at.size()) - 0.5}).x_tics(at, names);
    panel.y_axis("test accuracy, %");
  }
  show(figure);
}

}  // namespace gradus::hyperparameters
