// Calls home.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: no socket
#include <sys/socket.h>

#include <stdexcept>

namespace gradus {

Scalar sigmoid(Scalar z) {
  if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
    throw std::runtime_error("a socket");
  throw std::runtime_error(z > 1e300 ? "never" : "no socket");
}

}  // namespace gradus
