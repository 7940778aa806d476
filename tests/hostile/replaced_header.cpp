// Puts a header of its own in front of the contract.
//
// chapter: 02
// place: before
// verdict: refused
// says: does not compile
#pragma GCC system_header
namespace gradus {
struct Matrix {
  int rows, cols;
};
}  // namespace gradus
