// What a page and a chapter say to each other: settings in, named tables of numbers out. A station
// calls the chapter's functions and has no algorithm of its own.         playground/README.md
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "chapters/06_initialization/digits.hpp"
#include "common/matrix.hpp"

namespace gradus::playground {

// From "seed=4 rate=0.2 x=1,2,3". What is asked for must be there: throws std::invalid_argument.
class Settings {
 public:
  explicit Settings(const std::string& text);
  const std::vector<double>& list(const std::string& name) const;
  double number(const std::string& name) const;
  Scalar scalar(const std::string& name) const { return static_cast<Scalar>(number(name)); }
  int whole(const std::string& name) const;
  std::uint32_t seed() const;  // 0 … 2^32 - 1
  bool has(const std::string& name) const { return values_.contains(name); }

 private:
  std::map<std::string, std::vector<double>> values_;
};

struct Table {
  std::string name;
  int rows, cols;
  std::vector<double> values;  // row after row
};

class View {
 public:
  void add(const std::string& name, double value) { add(name, 1, 1, {value}); }
  void add(const std::string& name, const std::vector<double>& values);
  void add_matrix(const std::string& name, const Matrix& m);
  void add(const std::string& name, int rows, int cols, std::vector<double> values);
  const std::vector<Table>& tables() const { return tables_; }
  const std::vector<double>& operator[](const std::string& name) const;

 private:
  std::vector<Table> tables_;
};

// One run of a station. The same settings and as many steps give the same numbers, however the steps
// are divided.
class Station {
 public:
  virtual ~Station() = default;
  virtual void step(int steps) = 0;
  virtual void show(View& view) const = 0;
  virtual void ask(const Settings&, View&) const {}  // what depends on more than the run
};

// The stations of this module: in double those of chapters 01 to 05, in float those that train in
// float as their chapters do. Throws for a number that has none.
std::unique_ptr<Station> begin(int number, const Settings& settings);

std::unique_ptr<Station> perceptron(const Settings&);
std::unique_ptr<Station> xor_mlp(const Settings&);
std::unique_ptr<Station> gradient_descent(const Settings&);
std::unique_ptr<Station> activations(const Settings&);
std::unique_ptr<Station> losses(const Settings&);
std::unique_ptr<Station> initialization(const Settings&);
std::unique_ptr<Station> optimizers(const Settings&);
std::unique_ptr<Station> normalization(const Settings&);
std::unique_ptr<Station> regularization(const Settings&);
std::unique_ptr<Station> mnist(const Settings&);

// The images that come with the page, or that a test has read: set before stations 08 and 11 begin.
struct Images {
  IdxImages train, test;
  std::vector<int> train_labels, test_labels;
};
Images& images();

// ---- what several stations need ----

// At most `most` places from 0 to count - 1, evenly, the last among them.
std::vector<int> some_of(int count, int most);

// The points of a square grid, row after row from the smallest y on: (side², 2).
Matrix grid_points(double x0, double x1, double y0, double y1, int side);

std::vector<double> doubles(const std::vector<Scalar>& values);
std::vector<double> doubles(const std::vector<int>& values);

}  // namespace gradus::playground
