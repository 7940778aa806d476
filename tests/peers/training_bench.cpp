// One training step of the lecture's three MNIST models, ours and PyTorch's. ./gradus bench training
//
//   training_bench [--rounds R] [--python PROGRAM]
//   training_bench --growth                           the time by images and epochs, ours alone
//
// Each round measures all of them on the same model, on one thread and on all; a ratio is the median
// over the rounds, so that slow drifts of the machine cancel. PyTorch's better setting is chosen by its
// median, after the fact. The share in products: what the products that a step needs take by
// themselves, in matrices that are kept, measured in turn with the steps.
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <ctime>
#include <iostream>

#include "chapters/06_initialization/digits.hpp"
#include "chapters/11_mnist/experiment.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "common/hardware.hpp"
#include "common/matmul.hpp"
#include "tests/peers/worker.hpp"

namespace {

using namespace gradus;
using peers::Worker;

// ---- what is trained ----

const std::vector<mnist::Model> models = {mnist::model_1, mnist::model_2, mnist::model_3};

// The products that a step needs: y = x w and dw = x^T dy of each layer, and dx = dy w^T of each but
// the first.
struct Products {
  std::vector<Matrix> x, w, dy, y, dw, dx;

  explicit Products(const Settings& s) {
    Random random(1);
    for (std::size_t l = 1; l < s.units.size(); ++l) {
      const int N = s.batch_size, in = s.units[l - 1], out = s.units[l];
      x.push_back(random.uniform_matrix(0, 1, N, in));
      w.push_back(random.uniform_matrix(-1, 1, in, out));
      dy.push_back(random.uniform_matrix(-1, 1, N, out));
    }
    y = dw = dx = std::vector<Matrix>(x.size());
  }

  void run() {
    for (std::size_t l = 0; l < x.size(); ++l) matmul(x[l], w[l], y[l]);
    for (std::size_t l = x.size(); l-- > 0;) {
      matmul_tn(x[l], dy[l], dw[l]);
      if (l > 0) matmul_nt(dy[l], w[l], dx[l]);
    }
  }
};

// ---- one process: lines "MODEL SECONDS", answered with seconds a step and seconds its products ----

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// On one thread the processor time: a neighbour who takes the core for some milliseconds does not
// count. On more threads the time on the wall.
double now() {
  if (omp_get_max_threads() == 1) return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void answer(Training& training, Products& products, const Samples& samples, double seconds) {
  const int size = training.settings.batch_size;
  std::vector<std::vector<int>> batches = epoch_batches(samples.x.rows(), size, training.random);
  if (samples.x.rows() % size > 0) batches.pop_back();
  std::vector<double> step_times, product_times;
  const double end = now() + seconds;
  for (std::size_t i = 0; i < 5 || now() < end; ++i) {
    const double start = now();
    train_step(training, take(samples, batches[i % batches.size()]));
    step_times.push_back(now() - start);
    const double middle = now();
    products.run();
    product_times.push_back(now() - middle);
  }
  std::cout << fmt::format("{:.9f} {:.9f}", median(step_times), median(product_times)) << std::endl;
}

int serve() {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  const Samples samples = first_digits(set.train_images, set.train_labels, 5000);
  std::vector<Training> trainings;
  std::vector<Products> products;
  for (const mnist::Model& model : models) {
    trainings.push_back(training_init(model.settings, Random(0)));
    products.emplace_back(model.settings);
  }
  std::string name;
  for (double seconds = 0; std::cin >> name >> seconds;)
    for (std::size_t m = 0; m < models.size(); ++m)
      if (models[m].name == name) answer(trainings[m], products[m], samples, seconds);
  return 0;
}

// ---- side by side ----

struct Contender {
  Worker worker;
  int threads;
  std::vector<double> steps = {}, products = {};  // seconds, one per round
};

std::vector<Contender> start(const std::vector<std::string>& command,
                             const std::vector<int>& threads, const std::string& binding) {
  std::vector<Contender> all;
  for (int t : threads) {
    std::vector<std::string> settings = peers::threads_of(t);
    settings.push_back(binding);
    all.push_back({.worker = Worker(command[0], command, settings), .threads = t});
  }
  return all;
}

void measure(std::vector<Contender>& contenders, const mnist::Model& model) {
  for (Contender& c : contenders) {
    const std::vector<double> answer = c.worker.ask(model.name + " 0.25");
    c.steps.push_back(answer.at(0));
    c.products.push_back(answer.size() > 1 ? answer[1] : 0);
  }
}

const Contender& fastest(const std::vector<Contender>& contenders) {
  return *std::ranges::min_element(contenders, {},
                                   [](const Contender& c) { return median(c.steps); });
}

double median_ratio(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.size(); ++i) ratios.push_back(a[i] / b[i]);
  return median(ratios);
}

// The ratio of PyTorch's better setting to ours, for each of our settings.
std::vector<double> compare(const mnist::Model& model, std::vector<Contender>& ours,
                            std::vector<Contender>& torch, int rounds) {
  for (std::vector<Contender>* all : {&ours, &torch})
    for (Contender& c : *all) c.worker.ask(model.name + " 0.05"), c.steps = c.products = {};
  for (int round = 0; round < rounds; ++round) measure(ours, model), measure(torch, model);

  std::vector<double> ratios;
  for (const Contender& c : ours) {
    fmt::print("{:<9}{:>8}{:>10.3f}{:>9.0f} %", model.name, c.threads, 1e3 * median(c.steps),
               100 * median_ratio(c.products, c.steps));
    if (!torch.empty()) {
      for (const Contender& t : torch) fmt::print("{:>12.3f}", 1e3 * median(t.steps));
      ratios.push_back(median_ratio(fastest(torch).steps, c.steps));
      fmt::print("{:>10.2f}", ratios.back());
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
  return ratios;
}

bool has_torch(const std::string& python) {
  const std::string program = python + " -c 'import numpy, torch' > /dev/null 2>&1";
  return std::system(program.c_str()) == 0;
}

void run(int rounds, const std::string& python) {
  std::vector<int> threads = {1};
  if (omp_get_max_threads() > 1) threads.push_back(omp_get_max_threads());
  std::vector<Contender> ours = start({"/proc/self/exe", "--serve"}, threads, "OMP_PROC_BIND=true");
  std::vector<Contender> torch;
  if (has_torch(python))
    // Not tied to cores: the threads of its BLAS would all be tied to the core of the first.
    torch = start({python, GRADUS_ROOT "/tests/peers/training_torch.py"}, threads, "OMP_PROC_BIND");
  else
    fmt::print("{} has no PyTorch (python3-torch): ours alone\n", python);

  fmt::print("{}\n{:<9}{:>8}{:>10}{:>11}", hardware(), "model", "threads", "ms a step",
             "in products");
  for (const Contender& t : torch) fmt::print("{:>12}", fmt::format("torch, {}", t.threads));
  fmt::print("{:>10}\n", torch.empty() ? "" : "ratio");
  std::vector<double> logs(threads.size());
  for (const mnist::Model& model : models) {
    const std::vector<double> ratios = compare(model, ours, torch, rounds);
    for (std::size_t i = 0; i < ratios.size(); ++i) logs[i] += std::log(ratios[i]);
  }
  for (std::size_t i = 0; i < threads.size() && !torch.empty(); ++i)
    fmt::print("geometric mean of the ratios, ours on {}: {:.2f}\n", threads[i],
               std::exp(logs[i] / static_cast<double>(models.size())));
}

// ---- growth: twice the images, or twice the epochs, take twice the time ----

double seconds_of(const Samples& samples, int epochs) {
  Training training = training_init(mnist::model_3.settings, Random(0));
  const double start = now();
  for (int epoch = 0; epoch < epochs; ++epoch) train_epoch(training, samples);
  return now() - start;
}

void grow(int rounds) {
  const MnistSet set = read_mnist(GRADUS_ROOT "/data/mnist");
  const std::vector<int> all_epochs = {1, 2, 4};
  fmt::print("{}\n{}, seconds, and microseconds an image and epoch\n{:>8}", hardware(),
             mnist::model_3.name, "images");
  for (int epochs : all_epochs)
    fmt::print("{:>15}", fmt::format("{} epoch{}", epochs, epochs == 1 ? "" : "s"));
  fmt::print("\n");
  for (int images : {2500, 5000, 10'000, 20'000}) {
    const Samples samples = first_digits(set.train_images, set.train_labels, images);
    fmt::print("{:>8}", images);
    for (int epochs : all_epochs) {
      std::vector<double> seconds;
      for (int round = 0; round < rounds; ++round) seconds.push_back(seconds_of(samples, epochs));
      const double time = median(seconds);
      fmt::print("{:>9.3f} {:>5.1f}", time, 1e6 * time / images / epochs);
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("a training step of the lecture's three MNIST models beside PyTorch");
  int rounds = 9;
  std::string python = "/usr/bin/python3";
  bool serves = false, grows = false;
  app.add_option("--rounds", rounds, "measurements of each")->check(CLI::Range(1, 1001));
  app.add_option("--python", python, "a Python that has PyTorch");
  app.add_flag("--growth", grows, "the time by images and epochs instead");
  app.add_flag("--serve", serves)->group("");
  CLI11_PARSE(app, argc, argv);
  try {
    if (serves) return serve();
    std::signal(SIGPIPE, SIG_IGN);
    grows ? grow(rounds) : run(rounds, python);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "gradus: {}\n", error.what());
    return 2;
  }
}
