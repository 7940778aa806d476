// One contender of the matmul benchmark: a library that multiplies float or double matrices.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/matrix.hpp"
#include "tests/peers/worker.hpp"

namespace gradus::peers {

// op: "nn" c = a b, "tn" c = a^T b, "nt" c = a b^T; c has its shape already.
using Product =
    std::function<void(const std::string& op, const Matrix& a, const Matrix& b, Matrix& c)>;

// "gradus", "openblas", "blis", "eigen"; "peak", which multiplies nothing but does as many operations
// in registers. Empty when the library is not installed.
Product contender(const std::string& name);

// A contender is measured in a process of its own, so that no library's waiting threads slow down
// another's. This is that process: reads "op m n k seconds" lines, answers with seconds a product.
int serve(const std::string& name);

// The other side of it, with settings of the environment as "NAME=value".
Worker contender_process(const std::string& label, const std::string& name, int threads,
                         const std::vector<std::string>& settings);

// Its version, and the processor or the vectors that its kernels are for, as it says itself.
std::string about(Worker& worker);

// Seconds a product.
double measure(Worker& worker, const std::string& op, int m, int n, int k, double seconds);

}  // namespace gradus::peers
