// The few C functions that the page calls. One station runs at a time. Functions that can fail return 0
// when they did, and problem() then says why.
#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>

#include "playground/bind/station.hpp"

using namespace gradus::playground;

namespace {

std::unique_ptr<Station> station;
View view;
std::string problem_text;
std::vector<std::uint8_t> image_bytes;

template <class Work>
int attempt(Work work) {
  try {
    work();
    return 1;
  } catch (const std::exception& e) {
    problem_text = e.what();
    return 0;
  }
}

}  // namespace

extern "C" {

int station_begin(int number, const char* settings) {
  station.reset();
  return attempt([&] { station = begin(number, Settings(settings)); });
}
int station_step(int steps) {
  return attempt([&] { station->step(steps); });
}
int station_show() {
  return attempt([&] { view = View(), station->show(view); });
}
int station_ask(const char* settings) {
  return attempt([&] { view = View(), station->ask(Settings(settings), view); });
}
const char* problem() { return problem_text.c_str(); }

int table_count() { return static_cast<int>(view.tables().size()); }
const char* table_name(int i) { return view.tables()[static_cast<std::size_t>(i)].name.c_str(); }
int table_rows(int i) { return view.tables()[static_cast<std::size_t>(i)].rows; }
int table_cols(int i) { return view.tables()[static_cast<std::size_t>(i)].cols; }
const double* table_values(int i) {
  return view.tables()[static_cast<std::size_t>(i)].values.data();
}

// So many bytes, to be filled: each image is its label and 28 x 28 pixels. Then images_take.
std::uint8_t* images_buffer(int bytes) {
  image_bytes.resize(static_cast<std::size_t>(bytes));
  return image_bytes.data();
}
void images_take(int train, int test) {
  constexpr int each = 1 + 28 * 28;
  const auto take = [](int first, int count, gradus::IdxImages& to, std::vector<int>& labels) {
    to = {.count = count, .rows = 28, .cols = 28, .pixels = {}};
    labels.clear();
    for (int i = first; i < first + count; ++i) {
      const auto image = image_bytes.begin() + std::ptrdiff_t{i} * each;
      labels.push_back(*image);
      to.pixels.insert(to.pixels.end(), image + 1, image + each);
    }
  };
  take(0, train, images().train, images().train_labels);
  take(train, test, images().test, images().test_labels);
}

}  // extern "C"
