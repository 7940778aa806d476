// Loss and gradient both doubled: they agree with each other as well.
//
// chapter: 05
// replaces: softmax_cross_entropy
// verdict: graded
// score: below 100
namespace gradus {

LossGradient softmax_cross_entropy(const Matrix& z, const std::vector<int>& labels) {
  LossGradient result = reference_softmax_cross_entropy(z, labels);
  result.loss *= 2;
  for (Scalar& value : result.dz.flat()) value *= 2;
  return result;
}

}  // namespace gradus
