// 03: gradient descent over all samples, some, or one.              docs/03_gradient_descent.md

#include <fmt/format.h>

#include <algorithm>

#include "chapters/03_gradient_descent/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;

namespace {

const std::vector<int> batch_sizes = {samples, 10, 1};
const Colour colours[] = {Colour::blue, Colour::green, Colour::vermillion};

std::string name_of(int batch_size) {
  if (batch_size == samples) return "batch (all 1000)";
  return batch_size == 1 ? "stochastic (1)" : fmt::format("mini-batch ({})", batch_size);
}

std::string name_of(const Course& course) {
  return name_of(course.batch_size) + (course.in_epochs ? ", in epochs" : "");
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

void print_progress(const std::vector<Course>& courses, const Data& data,
                    const LinearModel& minimum) {
  heading(fmt::format("t = 2 x + 1 with noise, learning rate {}: loss above its minimum",
                      number(usual_rate)));
  Table table({"batch", "after 1000 samples", "after 300 000", "least", "most", "expected"});
  for (const Course& c : courses) {
    const auto [least, most] = std::ranges::minmax(c.late);
    table.row({name_of(c), number(mean_of(c.early)), number(mean_of(c.late)), number(least),
               number(most), c.in_epochs ? "" : number(floor_of(data, c.batch_size))});
  }
  table.print();
  fmt::print("means, least and most of {} runs; the minimum: w = {:.2f}, b = {:.2f}, loss {}\n",
             runs, minimum.w(0, 0), minimum.b, number(linear_loss(minimum, data.x, data.t)));
}

void print_rates(const Data& data, const LinearModel& minimum) {
  const Scalar ceiling = 2 / largest_curvature(data.x);
  heading(fmt::format("Batch descent by learning rate; 2/λmax = {}", number(ceiling)));
  Table table({"rate · λmax/2", "loss above its minimum after 1000 steps", "steps to 0.01 %"});
  for (Scalar part : {1.01, 0.99, 0.5, 0.1, 0.01, 0.001}) {
    const Scalar rate = part * ceiling;
    const LinearModel end = batch_descent(origin(), data.x, data.t, rate, 1000).path.back();
    const Scalar above = excess(end, minimum, data);
    const int steps = steps_down(data, rate, 20000);
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
  heading("Samples of 1000 that an epoch's worth of batches never meets");
  Table table({"batch size", "drawn anew each step", "in epochs"});
  Random random(0);
  for (int size : {1, 10, 100}) {
    std::set<int> seen;
    for (const std::vector<int>& batch : epoch_batches(samples, size, random))
      seen.insert(batch.begin(), batch.end());
    table.row({fmt::format("{}", size), fmt::format("{}", never_seen(size, random)),
               fmt::format("{}", samples - static_cast<int>(seen.size()))});
  }
  table.print();
}

// ---- figures ----

void draw_valley(Panel& panel, const Data& data, const LinearModel& minimum, Range w, Range b) {
  panel.x_axis("w", w).y_axis("b", b);
  panel.contour(tabulate(81, 81, w, b,
                         [&](double w, double b) {
                           return excess({{{w}}, b}, minimum, data);
                         }),
                {0.02, 0.1, 0.3, 0.7, 1.3, 2.2, 3.4, 5, 7, 10});
}

void draw_path(Panel& panel, const Descent& d, const std::string& label, Style style) {
  Values w, b;
  for (const LinearModel& model : d.path) {
    w.push_back(model.w(0, 0));
    b.push_back(model.b);
  }
  panel.line(w, b, label, style);
}

void draw_paths(const Data& data, const LinearModel& minimum) {
  Figure figure("03_gradient_descent/paths.svg",
                "The same 300 steps: smooth over all samples, jittery over 10, restless with one",
                1080, 420);
  figure.layout(1, 3);
  for (int i = 0; i < 3; ++i) {
    Random random(0);
    Panel& panel = figure.panel(name_of(batch_sizes[i]));
    draw_valley(panel, data, minimum, {-0.2, 2.8}, {-0.2, 2.2});
    draw_path(panel, descend(origin(), data, usual_rate, batch_sizes[i], 300, random), "",
              {.colour = colours[i], .width = 1.5});
    panel.points({minimum.w(0, 0)}, {minimum.b}, "",
                 {.colour = Colour::black, .shape = Shape::cross, .size = 1.6});
  }
  show(figure);
}

Style style_of(const Course& course, std::size_t i) {
  if (course.in_epochs) return {.colour = Colour::purple, .dashed = true};
  return {.colour = colours[i]};
}

void draw_courses(const std::vector<Course>& courses) {
  Figure figure(
      "03_gradient_descent/courses.svg",
      "A small batch is far ahead at first; in the end only the full batch gets all the way down",
      860, 460);
  Panel& panel = figure.panel();
  panel.x_axis("samples seen", {1, 1e6}).log_x();
  panel.x_tics({1, 10, 100, 1000, 1e4, 1e5, 1e6},
               {"1", "10", "100", "1000", "10 000", "100 000", "1 000 000"});
  panel.y_axis("loss above its minimum", {1e-4, 10}).log_y();
  for (std::size_t i = 0; i < courses.size(); ++i)
    panel.line(courses[i].seen, courses[i].loss, name_of(courses[i]), style_of(courses[i], i));
  show(figure);
}

// Times differ from machine to machine and from run to run, so the title says what this one found.
void draw_times(const std::vector<Course>& courses) {
  Names steps;
  for (const Course& c : courses) steps.push_back(fmt::format("{:.2g}", c.step_time));
  Figure figure("03_gradient_descent/times.svg",
                fmt::format("Microseconds per step: {} over all, {} over 10 drawn anew, "
                            "{} over 10 of an epoch, {} over one",
                            steps[0], steps[1], steps[3], steps[2]),
                860, 460);
  Panel& panel = figure.measured().panel();
  panel.x_axis("time", {0.1, 1e6}).log_x();
  panel.x_tics({0.1, 1, 10, 100, 1000, 1e4, 1e5, 1e6},
               {"0.1 µs", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"});
  panel.y_axis("loss above its minimum", {1e-4, 10}).log_y();
  for (std::size_t i = 0; i < courses.size(); ++i) {
    const Course& c = courses[i];
    Values time;
    for (double seen : c.seen) time.push_back(seen / c.batch_size * c.step_time);
    panel.line(time, c.loss, name_of(c), style_of(c, i));
  }
  show(figure);
}

void draw_rates(const Data& data, const LinearModel& minimum) {
  Figure figure("03_gradient_descent/rates.svg",
                "The learning rate: too high it runs away, too low it hardly moves", 1080, 460);
  figure.layout(1, 2).shared_key();
  const Scalar ceiling = 2 / largest_curvature(data.x);
  Panel& valley = figure.panel("the first 5 steps");
  draw_valley(valley, data, minimum, {-1.5, 5}, {-1.5, 4});
  Panel& loss = figure.panel("loss");
  loss.x_axis("step", {0, 100}).y_axis("loss above its minimum", {1e-5, 1e4}).log_y();
  struct Rate {
    Scalar part;
    std::string name;
    Colour colour;
  };
  for (const Rate& r : {Rate{1.05, "too high: 5 % above 2/λmax", Colour::vermillion},
                        {0.5, "right: half of 2/λmax", Colour::blue},
                        {0.01, "too low: a hundredth of 2/λmax", Colour::green}}) {
    const Descent d = batch_descent(origin(), data.x, data.t, r.part * ceiling, 100);
    Values steps, above;
    for (const LinearModel& model : d.path) {
      steps.push_back(static_cast<double>(steps.size()));
      above.push_back(excess(model, minimum, data));
    }
    loss.line(steps, above, r.name, {.colour = r.colour});
    draw_path(valley, {.path = {d.path.begin(), d.path.begin() + 6}, .loss = {}}, r.name,
              {.colour = r.colour, .width = 1.5, .shape = Shape::circle, .size = 0.8});
  }
  show(figure);
}

}  // namespace

int main() {
  return run_chapter("03 gradient descent", [] {
    const Data data = noisy_line(0);
    const LinearModel minimum = minimum_of(data);
    print_iterations();
    std::vector<Course> courses;
    for (int size : batch_sizes) courses.push_back(follow(data, size));
    courses.push_back(follow(data, batch_sizes[1], true));
    print_progress(courses, data, minimum);
    print_rates(data, minimum);
    print_noise(data);
    print_never_seen();
    draw_paths(data, minimum);
    draw_courses(courses);
    draw_times(courses);
    draw_rates(data, minimum);
    return Headline{fmt::format("{} iterations", iterations_per_epoch(3000, 300)), "10"};
  });
}
