// Products of matrices, the work that nearly all of training consists of.
//
//   matmul(a, b)      a b       a (M,K)   b (K,N)   result (M,N)     y  = x w
//   matmul_tn(a, b)   a^T b     a (K,M)   b (K,N)   result (M,N)     dw = x^T dy
//   matmul_nt(a, b)   a b^T     a (M,K)   b (N,K)   result (M,N)     dx = dy w^T
//
// The forms with a third argument write into c, which takes the shape of the result; a training
// loop that keeps its matrices never allocates. c must not be a or b.
//
// Every element is summed in the order k = 0, 1, 2, …, by one thread: the result is the same, bit
// for bit, for any number of threads. Shapes that do not fit throw std::invalid_argument.
// Chapter 10 climbs to this code step by step.
#pragma once

#include "common/matrix.hpp"

namespace gradus {

Matrix matmul(const Matrix& a, const Matrix& b);
Matrix matmul_tn(const Matrix& a, const Matrix& b);
Matrix matmul_nt(const Matrix& a, const Matrix& b);

void matmul(const Matrix& a, const Matrix& b, Matrix& c);
void matmul_tn(const Matrix& a, const Matrix& b, Matrix& c);
void matmul_nt(const Matrix& a, const Matrix& b, Matrix& c);

}  // namespace gradus
