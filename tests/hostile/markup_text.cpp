// Runs a script in the browser of the one who reads the report.
//
// chapter: 02
// replaces: sigmoid
// verdict: graded
// says: <script>
#include <stdexcept>

namespace gradus {

Scalar sigmoid(Scalar z) {
  throw std::runtime_error(z > 1e300 ? "never" : "<script>alert(1)</script>]]></failure>");
}

}  // namespace gradus
