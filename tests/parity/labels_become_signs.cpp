// Makes −1 and 1 of the caller's labels.
//
// chapter: 01
// replaces: perceptron_fit
// verdict: graded
// score: below 100
// says: changed its argument y
namespace gradus {

PerceptronFit perceptron_fit(const Matrix& x, const std::vector<int>& y, int epochs,
                             Scalar learning_rate) {
  const PerceptronFit fit = reference_perceptron_fit(x, y, epochs, learning_rate);
  for (int& label : const_cast<std::vector<int>&>(y)) label = 2 * label - 1;
  return fit;
}

}  // namespace gradus
