// The checkpoints of chapter 11: whole or not at all, read back to the bit, or refused in one line.
#include "chapters/11_mnist/checkpoint.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "chapters/08_normalization/parameters.hpp"
#include "tests/support.hpp"

namespace gradus::testing {
namespace {

using namespace mnist;
namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() { fs::create_directories(folder_); }
  ~CheckpointTest() override { fs::remove_all(folder_); }

  std::string file(const std::string& name = "one") const { return folder_ / name; }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("gradus_checkpoint_" + std::to_string(getpid()));
};

// Everything that a training can have: an optimizer with two memories, batch norm, dropout, both
// penalties, an augmentation.
Model small_model(Optimizer optimizer = Optimizer::adam, bool batch_norm = true) {
  return {.name = "small",
          .settings = {.units = {9, 5, 4, 3},
                       .batch_norm = batch_norm,
                       .dropout = 0.25,
                       .l2 = 0.01,
                       .l1 = 0.001,
                       .optimizer = optimizer,
                       .learning_rate = 0.01,
                       .batch_size = 4,
                       .augmentation = {.shift = 1, .degrees = 5, .noise = 0.1}}};
}

Samples small_samples() {
  Random random(3);
  Samples samples{random.uniform_matrix(0, 1, 18, 9), {}};
  for (int n = 0; n < 18; ++n) samples.labels.push_back(n % 3);
  return samples;
}

Run trained(int epochs, const Model& model = small_model()) {
  Run run = start(model, 5);
  train(run, small_samples(), small_samples(), epochs);
  return run;
}

TEST_F(CheckpointTest, GoesOnToTheSameBits) {
  for (Optimizer optimizer : {Optimizer::sgd, Optimizer::momentum, Optimizer::adam})
    for (bool batch_norm : {false, true}) {
      const Model model = small_model(optimizer, batch_norm);
      for (int first : {0, 1, 4}) {
        save_checkpoint(trained(first, model), file());
        mnist::Run resumed = load_checkpoint(file());
        train(resumed, small_samples(), small_samples(), 6);
        EXPECT_EQ(checkpoint_bytes(resumed), checkpoint_bytes(trained(6, model)))
            << "stopped after epoch " << first;
      }
    }
}

TEST_F(CheckpointTest, KeepsEverySettingAndEveryNumber) {
  const mnist::Run run = trained(2);
  const mnist::Run read = run_from_bytes(checkpoint_bytes(run));
  const Settings &a = read.training.settings, &b = run.training.settings;
  EXPECT_EQ(a.units, b.units);
  EXPECT_EQ(a.init, b.init);
  EXPECT_EQ(a.batch_norm, b.batch_norm);
  EXPECT_EQ(a.dropout, b.dropout);
  EXPECT_EQ(a.l2, b.l2);
  EXPECT_EQ(a.l1, b.l1);
  EXPECT_EQ(a.optimizer, b.optimizer);
  EXPECT_EQ(a.learning_rate, b.learning_rate);
  EXPECT_EQ(a.batch_size, b.batch_size);
  EXPECT_EQ(a.augmentation.shift, b.augmentation.shift);
  EXPECT_EQ(a.augmentation.degrees, b.augmentation.degrees);
  EXPECT_EQ(a.augmentation.noise, b.augmentation.noise);
  EXPECT_EQ(read.training.random.state(), run.training.random.state());
  EXPECT_EQ(read.training.epoch, 2);
  EXPECT_EQ(read.model.name, "small");
  ASSERT_EQ(read.epochs.size(), 2u);
  EXPECT_EQ(read.epochs[1].loss, run.epochs[1].loss);
  EXPECT_EQ(read.epochs[1].test.accuracy, run.epochs[1].test.accuracy);
  DeepNetwork x = read.training.deep, y = run.training.deep;
  for (std::size_t i = 0; i < parameters(y).size(); ++i) {
    EXPECT_EQ(*parameters(x)[i], *parameters(y)[i]) << "matrix " << i;
    EXPECT_EQ(read.training.states[i].direction, run.training.states[i].direction) << i;
    EXPECT_EQ(read.training.states[i].squares, run.training.states[i].squares) << i;
    EXPECT_EQ(read.training.states[i].t, run.training.states[i].t) << i;
  }
}

// "" or the one line of the refusal.
std::string refusal(const Bytes& bytes) {
  try {
    run_from_bytes(bytes);
  } catch (const CheckpointError& error) {
    const std::string line = error.what();
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    return line;
  }
  return "";
}

TEST_F(CheckpointTest, RefusesWhatIsCutOffAtAnyByte) {
  const Bytes bytes = checkpoint_bytes(trained(1));
  EXPECT_EQ(refusal(bytes), "");
  for (std::size_t size = 0; size < bytes.size(); size += size < 64 ? 1 : 37)
    EXPECT_NE(refusal({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}), "")
        << size << " bytes of " << bytes.size();
}

TEST_F(CheckpointTest, RefusesAnyChangedByte) {
  const Bytes bytes = checkpoint_bytes(trained(1));
  for (std::size_t at = 0; at < bytes.size(); at += at < 64 ? 1 : 41) {
    Bytes changed = bytes;
    changed[at] ^= 0x10;
    EXPECT_NE(refusal(changed), "") << "byte " << at;
  }
}

TEST_F(CheckpointTest, NamesWhatAFileIsNot) {
  const Bytes bytes = checkpoint_bytes(trained(1));
  EXPECT_EQ(refusal({}), "is no checkpoint of gradus");
  EXPECT_EQ(refusal({'P', 'K', 3, 4}), "is no checkpoint of gradus");
  std::ofstream(file()) << "a letter";
  try {
    load_checkpoint(file());
    FAIL();
  } catch (const CheckpointError& error) {
    EXPECT_EQ(std::string(error.what()), file() + " is no checkpoint of gradus");
  }
  EXPECT_THROW(load_checkpoint(file("none")), CheckpointError);
  EXPECT_THROW(load_checkpoint(folder_), CheckpointError);
}

// With a checksum that fits, what is inside is looked at all the same.
Bytes sealed(Bytes bytes) {
  const std::size_t magic = 17, head = magic + 4;
  const auto crc = crc32_z(crc32_z(0, nullptr, 0), bytes.data() + head, bytes.size() - head);
  for (std::size_t i = 0; i < 4; ++i) bytes[magic + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  return bytes;
}

TEST_F(CheckpointTest, NeverTakesABrokenInsideForATraining) {
  const Bytes bytes = checkpoint_bytes(trained(1));
  int refused = 0;
  for (std::size_t at = 21; at < bytes.size(); at += 3)
    for (std::uint8_t change : {0x01, 0x80, 0xff}) {
      Bytes changed = bytes;
      changed[at] ^= change;
      try {
        mnist::Run run = run_from_bytes(sealed(changed));
        for (const Matrix* m : parameters(run.training.deep))
          for (Scalar v : m->flat()) ASSERT_TRUE(std::isfinite(v)) << at;
      } catch (const CheckpointError&) {
        ++refused;
      }
    }
  EXPECT_GT(refused, 100);
  EXPECT_NE(refusal(sealed(Bytes(100000, 0x81))), "")
      << "arrays in arrays, a hundred thousand deep";
}

TEST_F(CheckpointTest, AFullDiskLeavesTheOldOneWhole) {
  save_checkpoint(trained(1), file());
  const Bytes before = checkpoint_bytes(load_checkpoint(file()));
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{1000, old.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(save_checkpoint(trained(2), file()), CheckpointError);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(checkpoint_bytes(load_checkpoint(file())), before);
  EXPECT_EQ(files(), 1u) << "nothing half-written stays";
}

TEST_F(CheckpointTest, WhatCannotBeWrittenIsOneLine) {
  for (const std::string& where : {file("none/one"), folder_.string(), std::string("/dev/null")}) {
    try {
      save_checkpoint(trained(1), where);
      FAIL() << where;
    } catch (const CheckpointError& error) {
      EXPECT_NE(std::string(error.what()).find(where), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace gradus::testing
