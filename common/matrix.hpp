// Matrix: an owning, row-major table of Scalar.
//
//   Matrix x(4, 2);                       4 rows, 2 columns, all zero
//   Matrix t = {{0}, {1}, {1}, {0}};      4 rows, 1 column
//   x(i, j)                               row i, column j
//   for (Scalar& v : x.row(i)) ...        one row, contiguous
//   for (Scalar& v : x.flat()) ...        all elements, row after row
//
// A vector is a 1×n matrix; a batch of images is (N, 784).
// Debug builds check every index; release builds trust the loops. With GRADUS_CHECKED, as in the
// grader, an index outside throws std::out_of_range.
#pragma once

#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "common/scalar.hpp"

namespace gradus {

class Matrix {
 public:
  Matrix() = default;
  Matrix(int rows, int cols, Scalar value = 0);
  Matrix(std::initializer_list<std::initializer_list<Scalar>> rows);

  int rows() const { return rows_; }
  int cols() const { return cols_; }
  int size() const { return static_cast<int>(values_.size()); }

  Scalar& operator()(int i, int j) { return values_[index(i, j)]; }
  Scalar operator()(int i, int j) const { return values_[index(i, j)]; }

  std::span<Scalar> row(int i) { return flat().subspan(index(i, 0), width()); }
  std::span<const Scalar> row(int i) const { return flat().subspan(index(i, 0), width()); }
  std::span<Scalar> flat() { return values_; }
  std::span<const Scalar> flat() const { return values_; }

  // Same shape and the same value everywhere, to the last bit (and NaN equals nothing).
  bool operator==(const Matrix&) const = default;

 private:
  [[noreturn]] void refuse_index(int i, int j) const;
  std::size_t width() const { return static_cast<std::size_t>(cols_); }
  std::size_t index(int i, int j) const {
#ifdef GRADUS_CHECKED
    if (i < 0 || i >= rows_ || j < 0 || (j >= cols_ && (j != 0 || cols_ != 0))) refuse_index(i, j);
#endif
    assert(0 <= i && i < rows_ && "row out of range");
    assert(0 <= j && (j < cols_ || (j == 0 && cols_ == 0)) && "column out of range");
    return static_cast<std::size_t>(i) * width() + static_cast<std::size_t>(j);
  }

  int rows_ = 0;
  int cols_ = 0;
  std::vector<Scalar> values_;
};

// "(4,2)", for messages.
std::string shape(const Matrix& m);

}  // namespace gradus
