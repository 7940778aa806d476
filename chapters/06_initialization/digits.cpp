#include "chapters/06_initialization/digits.hpp"

#include <numeric>

#include "common/require.hpp"

namespace gradus {

Samples digits(const IdxImages& images, const std::vector<int>& labels,
               const std::vector<int>& indices) {
  require_same("digits: images, labels", images.count, static_cast<int>(labels.size()));
  require(images.count >= 0 && images.rows >= 0 && images.cols >= 0 &&
              1LL * images.count * images.rows * images.cols == std::ssize(images.pixels),
          "digits: pixels must be count times rows times cols of them");
  const int D = images.rows * images.cols;
  Samples samples{.x = Matrix(static_cast<int>(indices.size()), D), .labels = {}};
  for (int n = 0; n < samples.x.rows(); ++n) {
    require_that(0 <= indices[n] && indices[n] < images.count, "digits: an index",
                 "an image, counted from 0", indices[n]);
    const std::size_t first = static_cast<std::size_t>(indices[n]) * D;
    for (int d = 0; d < D; ++d) samples.x(n, d) = images.pixels[first + d] / Scalar(255);
    samples.labels.push_back(labels[indices[n]]);
  }
  return samples;
}

Samples first_digits(const IdxImages& images, const std::vector<int>& labels, int count) {
  require_at_least("first_digits: count", count, 0);
  std::vector<int> indices(count);
  std::iota(indices.begin(), indices.end(), 0);
  return digits(images, labels, indices);
}

Samples all_digits(const IdxImages& images, const std::vector<int>& labels) {
  return first_digits(images, labels, images.count);
}

Samples training_digits() {
  const MnistSet set = read_mnist(mnist_folder);
  return all_digits(set.train_images, set.train_labels);
}

MnistData load_mnist(const std::string& folder, int every) {
  MnistData data{.set = read_mnist(folder), .test = {}};
  std::vector<int> indices;
  for (int i = 0; i < data.set.test_images.count; i += every) indices.push_back(i);
  data.test = digits(data.set.test_images, data.set.test_labels, indices);
  return data;
}

}  // namespace gradus
