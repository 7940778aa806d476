// 03: gradient descent over all samples, some, or one.              docs/03_gradient_descent.md

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chapters/03_gradient_descent/draw.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::gradient_descent;

namespace {

struct Look {
  std::string name;
  Style style;
};

Look look_of(Method method) {
  const std::string mini_batch = fmt::format("mini-batch ({})", mini_batch_size);
  switch (method) {
    case Method::batch: return {"batch (all 1000)", {.colour = Colour::blue}};
    case Method::mini_batch: return {mini_batch, {.colour = Colour::green}};
    case Method::stochastic: return {"stochastic (1)", {.colour = Colour::vermillion}};
    case Method::mini_batch_in_epochs: break;
  }
  return {mini_batch + ", in epochs", {.colour = Colour::purple, .dashed = true}};
}

void print_iterations() {
  heading("Iterations of an epoch");
  Table table({"samples", "batch size", "iterations", "the notes"});
  struct Case {
    int samples, size;
    std::string notes;
  };
  for (const Case& c : {Case{3000, 300, "10"}, {32000, 32, ""}, {100, 20, ""}, {100, 30, ""}})
    table.row({fmt::format("{}", c.samples), fmt::format("{}", c.size),
               fmt::format("{}", iterations_per_epoch(c.samples, c.size)), c.notes});
  table.print();
}

void print_progress(const std::vector<Run>& runs, const Data& data, const LinearModel& minimum) {
  heading(fmt::format("t = 2 x + 1 with noise, learning rate {}: loss above its minimum",
                      number(usual_learning_rate)));
  Table table({"batch", "after 1000 samples", "after 300 000", "least", "most", "expected"});
  for (const Run& run : runs) {
    const auto [least, most] = std::ranges::minmax(run.late);
    const bool in_epochs = run.method == Method::mini_batch_in_epochs;
    table.row({look_of(run.method).name, number(mean_of(run.early)), number(mean_of(run.late)),
               number(least), number(most),
               in_epochs ? "" : number(expected_excess(data, run.batch_size))});
  }
  table.print();
  fmt::print("means, least and most of {} runs; the minimum: w = {:.2f}, b = {:.2f}, loss {}\n",
             repetitions, minimum.w(0, 0), minimum.b, number(linear_loss(minimum, data.x, data.t)));
}

void print_learning_rates(const Data& data, const LinearModel& minimum) {
  const Scalar ceiling = 2 / largest_curvature(data.x);
  heading(fmt::format("Batch descent by learning rate; 2/λmax = {}", number(ceiling)));
  Table table({"rate · λmax/2", "loss above its minimum after 1000 steps", "steps to 0.01 %"});
  for (Scalar part : {1.01, 0.99, 0.5, 0.1, 0.01, 0.001}) {
    const Scalar learning_rate = part * ceiling;
    const LinearModel end =
        batch_descent(origin(), data.x, data.t, learning_rate, 1000).path.back();
    const Scalar above = excess(end, minimum, data);
    const int steps = steps_down(data, learning_rate, 20000);
    table.row({number(part), above < 1e-6 ? "below 1e-6" : fmt::format("{:.2g}", above),
               steps < 0 ? "never" : fmt::format("{}", steps)});
  }
  table.print();
}

void print_noise(const Data& data) {
  heading("Noise at the minimum");
  Table table({"batch size", "spread of the gradient", "one sample's / √size", "spread of w"});
  Random random(0);
  const Scalar single = sample_gradient_spread(data);
  for (int size : {1, 10, 100})
    table.row({fmt::format("{}", size), number(gradient_spread(data, size, 4000, random)),
               number(single / std::sqrt(size)), number(path_spread(data, size, 10000, random))});
  table.print();
}

void print_never_seen() {
  const int N = 1000;
  heading("Samples of 1000 that an epoch's worth of batches never meets");
  Table table({"batch size", "drawn anew each step", "in epochs"});
  Random random(0);
  for (int size : {1, 10, 100}) {
    const int in_epochs = never_seen(N, epoch_batches(N, size, random));
    const int drawn_anew = never_seen(N, drawn_batches(N, size, random));
    table.row(
        {fmt::format("{}", size), fmt::format("{}", drawn_anew), fmt::format("{}", in_epochs)});
  }
  table.print();
}

// ---- figures ----

void draw_paths(const Data& data, const LinearModel& minimum) {
  Figure figure("03_gradient_descent/paths.svg",
                "The same 300 steps: smooth over all samples, jittery over 10, restless with one",
                1080, 420);
  figure.layout(1, 3);
  for (Method method : {Method::batch, Method::mini_batch, Method::stochastic}) {
    const Look look = look_of(method);
    const int size = batch_size_of(method, data);
    Random random(0);
    Panel& panel = figure.panel(look.name);
    draw_valley(panel, data, minimum, {-0.2, 2.8}, {-0.2, 2.2});
    draw_path(panel, descend_by(size, origin(), data, usual_learning_rate, 300, random).path, "",
              {.colour = look.style.colour, .width = 1.5});
    draw_minimum(panel, minimum);
  }
  show(figure);
}

// Over the samples seen or, with each run's time for a sample, over the time.
void draw_runs(Panel& panel, const std::vector<Run>& runs, bool over_time) {
  panel.y_axis("loss above its minimum", {1e-4, 10}).log_y();
  for (const Run& run : runs) {
    const auto [name, style] = look_of(run.method);
    Values x = run.seen;
    if (over_time)
      for (double& seen : x) seen *= run.step_time / run.batch_size;
    panel.line(x, run.loss, name, style);
  }
}

void draw_courses(const std::vector<Run>& runs) {
  Figure figure(
      "03_gradient_descent/courses.svg",
      "A small batch is far ahead at first; in the end only the full batch gets all the way down",
      860, 460);
  Panel& panel = figure.panel();
  panel.x_axis("samples seen", {1, 1e6}).log_x();
  panel.x_tics({1, 10, 100, 1000, 1e4, 1e5, 1e6},
               {"1", "10", "100", "1000", "10 000", "100 000", "1 000 000"});
  draw_runs(panel, runs, false);
  show(figure);
}

// Times differ from machine to machine and from run to run, so the title says what this one found.
void draw_times(const std::vector<Run>& runs) {
  const auto time_of = [&](Method method) { return run_of(runs, method).step_time; };
  Figure figure("03_gradient_descent/times.svg",
                fmt::format("Microseconds per step: {:.2g} over all, {:.2g} over 10 drawn anew, "
                            "{:.2g} over 10 of an epoch, {:.2g} over one",
                            time_of(Method::batch), time_of(Method::mini_batch),
                            time_of(Method::mini_batch_in_epochs), time_of(Method::stochastic)),
                860, 460);
  Panel& panel = figure.measured().panel();
  panel.x_axis("time", {0.1, 1e6}).log_x();
  panel.x_tics({0.1, 1, 10, 100, 1000, 1e4, 1e5, 1e6},
               {"0.1 µs", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"});
  draw_runs(panel, runs, true);
  show(figure);
}

void draw_learning_rates(const Data& data, const LinearModel& minimum) {
  Figure figure("03_gradient_descent/rates.svg",
                "The learning rate: too high it runs away, too low it hardly moves", 1080, 460);
  figure.layout(1, 2).shared_key();
  const Scalar ceiling = 2 / largest_curvature(data.x);
  Panel& valley = figure.panel("the first 5 steps");
  draw_valley(valley, data, minimum, {-1.5, 5}, {-1.5, 4});
  Panel& loss = figure.panel("loss");
  loss.x_axis("step", {0, 100}).y_axis("loss above its minimum", {1e-5, 1e4}).log_y();
  struct Case {
    Scalar part;
    std::string name;
    Colour colour;
  };
  for (const Case& c : {Case{1.05, "too high: 5 % above 2/λmax", Colour::vermillion},
                        {0.5, "right: half of 2/λmax", Colour::blue},
                        {0.01, "too low: a hundredth of 2/λmax", Colour::green}}) {
    const Descent d = batch_descent(origin(), data.x, data.t, c.part * ceiling, 100);
    const auto above = [&](const LinearModel& model) { return excess(model, minimum, data); };
    loss.line(counted(d.path.size()), column(d.path, above), c.name, {.colour = c.colour});
    draw_path(valley, {d.path.begin(), d.path.begin() + 6}, c.name,
              {.colour = c.colour, .width = 1.5, .shape = Shape::circle, .size = 0.8});
  }
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("03 gradient descent", [] {
    const Data data = noisy_line(0);
    const LinearModel minimum = minimum_of(data);
    print_iterations();
    std::vector<Run> runs;
    for (Method method :
         {Method::batch, Method::mini_batch, Method::stochastic, Method::mini_batch_in_epochs})
      runs.push_back(measure(method, data));
    print_progress(runs, data, minimum);
    print_learning_rates(data, minimum);
    print_noise(data);
    print_never_seen();
    draw_paths(data, minimum);
    draw_courses(runs);
    draw_times(runs);
    draw_learning_rates(data, minimum);
    return Headline{fmt::format("{} iterations", iterations_per_epoch(3000, 300)), "10"};
  });
}
