#include "playground/bind/station.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace gradus::playground {

static void require(bool ok, const std::string& message) {
  if (!ok) throw std::invalid_argument(message);
}

Settings::Settings(const std::string& text) {
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t to = std::min(text.find(' ', from), text.size());
    const std::string word = text.substr(from, to - from);
    from = to + 1;
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    require(equals != std::string::npos && equals > 0, "settings: '" + word + "' is no name=value");
    std::vector<double>& list = values_[word.substr(0, equals)];
    list.clear();
    for (const char* at = word.c_str() + equals + 1;; ++at) {
      char* end = nullptr;
      list.push_back(std::strtod(at, &end));
      require(end != at && (*end == ',' || *end == 0), "settings: no number in '" + word + "'");
      if (*end == 0) break;
      at = end;
    }
  }
}

const std::vector<double>& Settings::list(const std::string& name) const {
  const auto found = values_.find(name);
  require(found != values_.end(), "settings: no " + name);
  return found->second;
}

double Settings::number(const std::string& name) const {
  const std::vector<double>& values = list(name);
  require(values.size() == 1, "settings: " + name + " must be one number");
  return values[0];
}

int Settings::whole(const std::string& name) const {
  const double value = number(name);
  require(std::abs(value) <= 1e9 && value == std::round(value),
          "settings: " + name + " must be a whole number");
  return static_cast<int>(value);
}

std::uint32_t Settings::seed() const {
  const double value = number("seed");
  require(value >= 0 && value <= 4294967295.0 && value == std::round(value),
          "settings: seed must be a whole number from 0 to 4294967295");
  return static_cast<std::uint32_t>(value);
}

void View::add(const std::string& name, const std::vector<double>& values) {
  add(name, 1, static_cast<int>(values.size()), values);
}

void View::add_matrix(const std::string& name, const Matrix& m) {
  add(name, m.rows(), m.cols(), {m.flat().begin(), m.flat().end()});
}

void View::add(const std::string& name, int rows, int cols, std::vector<double> values) {
  tables_.push_back({name, rows, cols, std::move(values)});
}

const std::vector<double>& View::operator[](const std::string& name) const {
  const auto found = std::ranges::find_if(tables_, [&](const Table& t) { return t.name == name; });
  require(found != tables_.end(), "view: no " + name);
  return found->values;
}

std::unique_ptr<Station> begin(int number, const Settings& settings) {
#ifdef GRADUS_FLOAT
  if (number == 6) return initialization(settings);
  if (number == 7) return optimizers(settings);
  if (number == 8) return normalization(settings);
  if (number == 9) return regularization(settings);
  if (number == 11) return mnist(settings);
#else
  if (number == 1) return perceptron(settings);
  if (number == 2) return xor_mlp(settings);
  if (number == 3) return gradient_descent(settings);
  if (number == 4) return activations(settings);
  if (number == 5) return losses(settings);
#endif
  require(false, "begin: no station " + std::to_string(number) + " in this module");
  return nullptr;
}

Images& images() {
  static Images all;
  return all;
}

std::vector<int> some_of(int count, int most) {
  std::vector<int> places;
  const int apart = std::max(1, (count + most - 2) / std::max(1, most - 1));
  for (int i = 0; i < count; i += apart) places.push_back(i);
  if (count > 0 && places.back() != count - 1) places.push_back(count - 1);
  return places;
}

Matrix grid_points(double x0, double x1, double y0, double y1, int side) {
  Matrix points(side * side, 2);
  for (int i = 0; i < side; ++i)
    for (int j = 0; j < side; ++j) {
      points(i * side + j, 0) = static_cast<Scalar>(x0 + (x1 - x0) * j / (side - 1));
      points(i * side + j, 1) = static_cast<Scalar>(y0 + (y1 - y0) * i / (side - 1));
    }
  return points;
}

std::vector<double> doubles(const std::vector<Scalar>& values) {
  return {values.begin(), values.end()};
}
std::vector<double> doubles(const std::vector<int>& values) {
  return {values.begin(), values.end()};
}

}  // namespace gradus::playground
