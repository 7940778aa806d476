// Static state that drifts so late that no test alone makes calls enough.
//
// chapter: 05
// replaces: softmax_cross_entropy
// verdict: graded
// score: below 100
namespace gradus {

LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels) {
  static int calls = 0;
  LossGradient result = reference_softmax_cross_entropy(z, labels);
  if (++calls > 40) result.loss += 1;
  return result;
}

}  // namespace gradus
