// The bindings of the chapters that train in float.
#include "chapters/08_normalization/experiment.hpp"
#include "chapters/11_mnist/mnist.hpp"
#include "tests/playground/bind_support.hpp"

namespace gradus::playground {
namespace {

// The first digits of MNIST, as they come with the page.
void load_digits() {
  if (images().train.count > 0) return;
  MnistSet set = read_mnist(mnist_folder);
  const auto cut = [](IdxImages& from, std::vector<int>& labels, int count) {
    from.count = count;
    from.pixels.resize(static_cast<std::size_t>(count) * 784);
    labels.resize(static_cast<std::size_t>(count));
  };
  cut(set.train_images, set.train_labels, 1000);
  cut(set.test_images, set.test_labels, 100);
  images() = {set.train_images, set.test_images, set.train_labels, set.test_labels};
}

TEST(FloatStations, GiveTheSameHoweverStepsAreDivided) {
  load_digits();
  expect_same_however_divided(
      {{6, "seed=1 init=6 activation=3", 10},
       {7, "rate=0 s=1 x=-7 y=2", 20},
       {8, "seed=1 scale=0.1 rate=0.1", 2},
       {9, "alpha=1.2 seed=3 rate=0.5", 8},
       {11, "seed=1 images=300 hidden=20 optimizer=5 rate=0.01 batch=32", 5}});
}

TEST(Norms, AreTheChaptersRun) {
  load_digits();
  const auto station = begin(8, Settings("seed=2 scale=0.1 rate=0.1"));
  station->step(2);
  const View view = shown(*station);
  for (bool batch_norm : {false, true}) {
    const normalization::Run run = normalization::train(
        first_digits(images().train, images().train_labels, 1000), {.weight_scale = 0.1,
                                                                    .batch_norm = batch_norm,
                                                                    .learning_rate = 0.1,
                                                                    .epochs = 2,
                                                                    .seed = 2});
    const std::string number = batch_norm ? "1" : "0";
    EXPECT_EQ(view["accuracy" + number], run.accuracy);
    for (std::size_t e = 0; e < 2; ++e)  // one mean is over samples, the other over batches
      EXPECT_NEAR(view["loss" + number][e], run.loss[e], 1e-6 * run.loss[e]);
  }
}

TEST(Norms, SayThatTheyHaveExploded) {
  load_digits();
  const auto station = begin(8, Settings("seed=0 scale=1 rate=10"));
  station->step(3);
  const View view = shown(*station);
  EXPECT_EQ(view["exploded0"][0], 1);
  EXPECT_EQ(view["accuracy0"].size(), 3u);
}

TEST(Reader, ReadsAnImageAsItReadsADrawing) {
  load_digits();
  const auto station =
      begin(11, Settings("seed=1 images=1000 hidden=20 optimizer=0 rate=0.1 batch=100"));
  station->step(2);
  View of_image, of_drawing;
  station->ask(Settings("image=7"), of_image);
  std::string drawn = "drawn=";
  for (double v : of_image["x"]) drawn += (drawn.back() == '=' ? "" : ",") + std::to_string(v);
  station->ask(Settings(drawn), of_drawing);
  EXPECT_EQ(of_image["digit"], of_drawing["digit"]);
  EXPECT_NEAR(of_image["shares"][3], of_drawing["shares"][3], 1e-4);
  View none;
  EXPECT_THROW(station->ask(Settings("image=100"), none), std::invalid_argument);
  EXPECT_THROW(station->ask(Settings("drawn=1,2,3"), none), std::invalid_argument);
}

}  // namespace
}  // namespace gradus::playground
