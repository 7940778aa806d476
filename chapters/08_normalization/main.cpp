// 08: normalization of data, and of every layer's input.                docs/08_normalization.md

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/08_normalization/draw.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::normalization;
namespace line = gradus::gradient_descent;

namespace {

// Two digits after the point, and no minus before 0.00.
std::string two(double v) { return fmt::format("{:.2f}", std::abs(v) < 0.005 ? 0.0 : v); }

// ---- data ----

void print_lecture_values(const std::vector<double>& values) {
  heading("The notes' 1000 values: np.random.seed(42), np.random.normal(10, 5, 1000)");
  Table table({"", "first", "last", "the notes"});
  table.row({"values", fmt::format("{:.8f}", values.front()), fmt::format("{:.8f}", values.back()),
             "11.1559713, 12.86291391"});
  table.print();
}

void print_shapes(const Matrix& x) {
  heading("Normalization moves and stretches; the shape stays");
  Table table({"", "mean", "standard deviation", "skewness"});
  const auto row = [&](const std::string& name, const Matrix& m) {
    const Moments s = moments_of(m, 0);
    table.row({name, two(s.mean), two(s.deviation), two(s.skewness)});
  };
  row("the values", x);
  row("their z-scores", z_scores(x));
  row("scaled to 0 … 1", min_max_apply(min_max_fit(x), x));
  row("the values squared", squares(x));
  row("z-scores of the squares", z_scores(squares(x)));
  table.print();
}

void print_features() {
  heading("Two features, means 10 and 1000, standard deviations 1 and 50: after normalization");
  const Matrix x = two_features(0);
  BatchNorm norm = batch_norm_init(2);
  Table table({"", "means", "standard deviations"});
  const auto row = [&](const std::string& name, const Matrix& y) {
    const Moments a = moments_of(y, 0), b = moments_of(y, 1);
    table.row({name, two(a.mean) + ", " + two(b.mean), two(a.deviation) + ", " + two(b.deviation)});
  };
  row("004 as printed", normalized_as_printed(x, 1, 0));
  row("batch_norm_forward", batch_norm_forward(norm, x).y);
  table.print();
}

void print_valley(const line::Data& raw, const line::Data& round) {
  heading("Chapter 03's line: curvatures of the loss, steps to 0.01 % of the loss");
  Table table({"x", "largest", "smallest", "ratio", "steps, learning rate 0.5"});
  for (const auto& [name, data] : {std::pair{"as it is", &raw}, {"standardized", &round}}) {
    const double largest = largest_curvature(data->x), smallest = line::smallest_curvature(*data);
    table.row({name, two(largest), two(smallest), fmt::format("{:.1f}", largest / smallest),
               fmt::format("{}", line::steps_down(*data, Scalar(0.5), 1000))});
  }
  table.print();
}

// ---- batch norm ----

void print_company(const std::vector<double>& values) {
  heading("The first value, normalized in company of the next ones");
  const BatchNorm norm = norm_of(values);
  Table table({"samples in the batch", "004 as printed", "batch_norm_inference"});
  for (int count : {1, 2, 5, 100, 1000}) {
    const Matrix x = column({values.begin(), values.begin() + count});
    table.row({fmt::format("{}", count), two(normalized_as_printed(x, 1, 0)(0, 0)),
               two(batch_norm_inference(norm, x)(0, 0))});
  }
  table.print();
}

void print_gradient_checks() {
  heading("Gradient check of backward passes: how many of 20 random batches pass");
  const int sizes[] = {2, 3, 5};
  Table table({"backward", "N = 2", "N = 3", "N = 5"});
  struct Row {
    std::string name;
    Backward version;
  };
  for (const Row& row : {Row{"right", Backward::right},
                         {"dx all zeros", Backward::zeros},
                         {"without the variance's path", Backward::no_variance_path},
                         {"dβ a mean, not a sum", Backward::dbeta_mean},
                         {"without the mean's path", Backward::no_mean_path}}) {
    std::vector<std::string> cells = {row.name};
    for (int N : sizes) cells.push_back(fmt::format("{}", count_passing(row.version, N)));
    table.row(cells);
  }
  std::vector<std::string> cells = {"largest |dx|"};
  for (int N : sizes) cells.push_back(fmt::format("{:.2g}", largest_dx(N)));
  table.row(cells);
  table.print();
}

// ---- MNIST ----

std::string percent(double share) { return fmt::format("{:.0f}", 100 * share); }
std::string epochs_text(const Run& run) {
  const int epochs = epochs_to(run, 0.5);
  return epochs == 0 ? "–" : fmt::format("{}", epochs);
}

void print_scales(const std::vector<Run>& runs, const Run& tiny_epsilon) {
  heading("1000 MNIST images, five hidden layers, learning rate 0.01: training accuracy, %");
  Table table(
      {"weight scale", "after 20 epochs: without", "with", "epochs to loss 0.5: without", "with"});
  for (double scale : weight_scales()) {
    const Run &without = run_of(runs, scale, false), &with = run_of(runs, scale, true);
    table.row({fmt::format("{:.4f}", scale), percent(without.accuracy.back()),
               percent(with.accuracy.back()), epochs_text(without), epochs_text(with)});
  }
  table.row({"0.0001, ε = 1e-10", "", percent(tiny_epsilon.accuracy.back()), "",
             epochs_text(tiny_epsilon)});
  table.print();
}

void print_learning_rates(const std::vector<Run>& runs, const Samples& test) {
  heading("The same from He initialization, by learning rate: accuracies after 20 epochs, %");
  Table table({"learning rate", "batch norm", "epochs to loss 0.5", "training", "test"});
  for (const Run& run : runs)
    table.row({number(run.settings.learning_rate), run.settings.batch_norm ? "with" : "without",
               epochs_text(run), percent(run.accuracy.back()),
               percent(accuracy_on(test, run.deep))});
  table.print();
}

}  // namespace

int main() {
  return run_chapter("08 normalization", [] {
    const std::vector<double> values = lecture_values();
    const line::Data raw = line::noisy_line(0), round = standardized(raw);
    print_lecture_values(values);
    print_shapes(column(values));
    draw_histograms(column(values));
    print_valley(raw, round);
    draw_valley(raw, round);
    print_features();
    print_company(values);
    print_gradient_checks();

    const MnistSet set = read_mnist(mnist_folder);
    const Samples images = first_digits(set.train_images, set.train_labels, 1000);
    std::vector<Settings> scales, learning_rates;
    for (double scale : weight_scales()) scales.push_back({.weight_scale = scale});
    for (double rate : {0.01, 0.03, 0.1, 0.3, 1.0})
      learning_rates.push_back({.weight_scale = he_scale, .learning_rate = rate});
    const std::vector<Run> by_scale = train_without_and_with(images, scales);
    print_scales(by_scale, train(images, {.weight_scale = weight_scales().back(),
                                          .batch_norm = true,
                                          .epsilon = 1e-10}));
    draw_scales(by_scale);
    print_learning_rates(train_without_and_with(images, learning_rates),
                         first_digits(set.test_images, set.test_labels, 10000));
    return Headline{fmt::format("{:.8f}, {:.8f}", values.front(), values.back()),
                    "misprint: 11.1559713"};
  });
}
