// Throws a message of ten million letters.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
#include <stdexcept>
#include <string>

namespace gradus {

Scalar sigmoid(Scalar z) { throw std::runtime_error(std::string(10000000, z > 0 ? 'a' : 'b')); }

}  // namespace gradus
