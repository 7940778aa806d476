// The matrix product, rung by rung.                                  docs/10_matmul.md
//
// Every rung computes the same sums, c_ij = Σ_k a_ik b_kj, with the same 2 M N K operations. Only
// the order in which memory is touched changes, and with it the speed, by a factor of a hundred.
// Sources: K. Goto and R. van de Geijn, Anatomy of high-performance matrix multiplication (2008);
// F. Van Zee and R. van de Geijn, BLIS (2015).
//
// a (M,K)   b (K,N)   result (M,N), here and below. All functions throw std::invalid_argument when
// shapes do not fit; an empty sum is 0. No zero is skipped: 0 NaN and 0 ∞ are NaN. The top of the
// ladder is matmul of common/matmul.hpp.
#pragma once

#include "common/matrix.hpp"

namespace gradus {

// 1. The definition: for i, for j, for k. Strides through b column by column.
Matrix multiply_ijk(const Matrix& a, const Matrix& b);

// 2. The two inner loops exchanged: for i, for k, for j. Reads b and writes c row by row, so that a
//    vector of neighbours is worked on at once.
Matrix multiply_ikj(const Matrix& a, const Matrix& b);

// 3. The same in blocks of block x block of b, which stay in the cache while every row of a uses them.
//    block must be above 0.
Matrix multiply_blocked(const Matrix& a, const Matrix& b, int block);

// 4. A tile of c, a few rows by two vectors, is kept in registers while k runs: c is no longer read
//    and written at every step.
Matrix multiply_tiled(const Matrix& a, const Matrix& b);

// 5. Before a strip of tiles runs, the columns of b that it reads are copied side by side, and
//    filled up with zeros to whole vectors: no strides, no narrow tiles.
Matrix multiply_packed(const Matrix& a, const Matrix& b);

// 6. The strips of rung 5 are dealt out to threads. Each element is still summed by one thread, in
//    one order: the result is the same, bit for bit, for any number of threads.
Matrix multiply_threaded(const Matrix& a, const Matrix& b);

// 7. k in slices of `depth` steps (KC), so that what is copied stays in the caches however deep a
//    product is. Of each slice the rows of a and the columns of b are copied side by side, filled up
//    with zeros to whole tiles, and every tile is added to c: no shape is a special case. depth must
//    be above 0. Threads share the strips; the same bits for any number of them.
Matrix multiply_sliced(const Matrix& a, const Matrix& b, int depth);

// The transposed products of a backward pass, without making a transpose.
// a^T b:   a (K,M)   b (K,N)   dw = x^T dy        for k, for i, for j: all three row by row
Matrix multiply_tn(const Matrix& a, const Matrix& b);
// a b^T:   a (M,K)   b (N,K)   dx = dy w^T        rows of a with rows of b
Matrix multiply_nt(const Matrix& a, const Matrix& b);

}  // namespace gradus
