// MNIST as samples: the one place where pixels 0 … 255 become numbers 0 … 1. Beside the contract:
// a student calls it and does not write it.
#pragma once

#include <string>
#include <vector>

#include "chapters/03_gradient_descent/gradient_descent.hpp"
#include "common/mnist.hpp"

namespace gradus {

// The images with these numbers, in their order, one per row: x (N,784). Refuses a number outside,
// labels that are not as many as the images, and pixels that do not fill the images exactly.
Samples digits(const IdxImages& images, const std::vector<int>& labels,
               const std::vector<int>& indices);

Samples first_digits(const IdxImages& images, const std::vector<int>& labels, int count);
Samples all_digits(const IdxImages& images, const std::vector<int>& labels);

// ---- from files ----

inline const std::string mnist_folder = GRADUS_ROOT "/data/mnist";

Samples training_digits();  // all 60 000

struct MnistData {
  MnistSet set;  // the training images are taken from
  Samples test;
};

// The set in this folder, or in another one with files of the same format; of the test images, each
// `every`-th.
MnistData load_mnist(const std::string& folder = mnist_folder, int every = 1);

}  // namespace gradus
