#include "common/matrix.hpp"

#include <limits>
#include <stdexcept>

#include "common/require.hpp"

namespace gradus {

static std::size_t checked_count(int rows, int cols) {
  require_at_least("Matrix: rows", rows, 0);
  require_at_least("Matrix: columns", cols, 0);
  const std::size_t count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw std::invalid_argument("Matrix: (" + std::to_string(rows) + "," + std::to_string(cols) +
                                ") has more than 2147483647 elements");
  return count;
}

Matrix::Matrix(int rows, int cols, Scalar value)
    : rows_(rows), cols_(cols), values_(checked_count(rows, cols), value) {}

Matrix::Matrix(std::initializer_list<std::initializer_list<Scalar>> rows)
    : rows_(static_cast<int>(rows.size())),
      cols_(rows.size() == 0 ? 0 : static_cast<int>(rows.begin()->size())) {
  values_.reserve(rows.size() * width());
  for (const auto& row : rows) {
    require_same("Matrix: columns of the first row, columns of another", cols_,
                 static_cast<int>(row.size()));
    values_.insert(values_.end(), row);
  }
}

void Matrix::refuse_index(int i, int j) const {
  throw std::out_of_range("element (" + std::to_string(i) + "," + std::to_string(j) +
                          ") of a matrix of shape " + shape(*this));
}

std::string shape(const Matrix& m) {
  std::string text = "(";
  text += std::to_string(m.rows()) + ",";
  text += std::to_string(m.cols()) + ")";
  return text;
}

}  // namespace gradus
