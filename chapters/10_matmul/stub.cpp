// The matrix product, rung by rung: write these functions in work/, where `./gradus start 10`
// copies this file. What each must do is described in matmul.hpp.
//
// common/vectors.hpp says how many numbers a vector register holds (lanes) and how many rows a tile
// may have (tile_rows). Start with rung 1. A rung that is written like the one below it passes its
// tests as well; its speed is what ./gradus run 10 shows.

#include "chapters/10_matmul/matmul.hpp"
#include "common/require.hpp"

namespace gradus {

// Hint: c starts as zeros; three loops, one line.
Matrix multiply_ijk(const Matrix&, const Matrix&) { throw NotImplemented("multiply_ijk"); }

// Hint: exchange two loops of rung 1. No temporary sum is needed.
Matrix multiply_ikj(const Matrix&, const Matrix&) { throw NotImplemented("multiply_ikj"); }

// Hint: two more loops outside, in steps of block; the last block of a row may be smaller.
Matrix multiply_blocked(const Matrix&, const Matrix&, int) {
  throw NotImplemented("multiply_blocked");
}

// Hint: Scalar sum[R][W] with R and W known to the compiler, all of k, then one copy to c. First
// write it for shapes that are multiples of R and W, then cover the rest with rung 2.
Matrix multiply_tiled(const Matrix&, const Matrix&) { throw NotImplemented("multiply_tiled"); }

// Hint: a std::vector of K W numbers, filled with zeros first.
Matrix multiply_packed(const Matrix&, const Matrix&) { throw NotImplemented("multiply_packed"); }

// Hint: one line more than rung 5. What does each thread need of its own?
Matrix multiply_threaded(const Matrix&, const Matrix&) {
  throw NotImplemented("multiply_threaded");
}

// Hint: an outer loop over k in steps of depth; the last slice may be shorter. Inside it rung 6, but a
// tile is added to c, and rows of zeros below the last row of a make every tile whole. A depth larger
// than K is one slice: copy no more than there is.
Matrix multiply_sliced(const Matrix&, const Matrix&, int) {
  throw NotImplemented("multiply_sliced");
}

// Hint: which order of the three loops reads and writes all matrices row by row?
Matrix multiply_tn(const Matrix&, const Matrix&) { throw NotImplemented("multiply_tn"); }
Matrix multiply_nt(const Matrix&, const Matrix&) { throw NotImplemented("multiply_nt"); }

}  // namespace gradus
