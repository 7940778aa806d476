// Right, with std::thread in place of OpenMP.
//
// chapter: 10
// replaces: multiply_threaded
// verdict: graded
// score: 100
#include <thread>
#include <vector>

namespace gradus {

Matrix multiply_threaded(const Matrix& a, const Matrix& b) {
  require_same("multiply_threaded: columns of a, rows of b", a.cols(), b.rows());
  Matrix c(a.rows(), b.cols());
  const auto rows = [&](int from, int to) {
    for (int i = from; i < to; ++i)
      for (int k = 0; k < a.cols(); ++k)
        for (int j = 0; j < b.cols(); ++j) c(i, j) += a(i, k) * b(k, j);
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) threads.emplace_back(rows, a.rows() * t / 3, a.rows() * (t + 1) / 3);
  for (std::thread& thread : threads) thread.join();
  return c;
}

}  // namespace gradus
