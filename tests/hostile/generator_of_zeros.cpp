// Gives back a generator that makes nothing but zeros: a test that draws a Gaussian from it would never end.
//
// chapter: 06
// replaces: uniform_init
// verdict: graded
// says: nothing but zeros
namespace gradus {

Matrix uniform_init(int n_in, int n_out, Random& random) {
  const Matrix w = reference_uniform_init(n_in, n_out, random);
  random = Random(RandomState());
  return w;
}

}  // namespace gradus
