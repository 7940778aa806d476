// libFuzzer target for the checkpoints of chapter 11: see README.md.
//
// Each input is taken for the inside of a checkpoint and sealed with a checksum that fits, so that the
// reader of the inside sees it. Besides crashes, these would be findings: another exception than
// CheckpointError, a message of several lines, and a training that is accepted but not written back as
// it was read.

#include <zlib.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "chapters/11_mnist/checkpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus::mnist;
  const std::string magic = "gradus checkpoint";
  std::vector<std::uint8_t> bytes(magic.begin(), magic.end());
  const auto crc = crc32_z(crc32_z(0, nullptr, 0), data, size);
  for (int shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<std::uint8_t>(crc >> shift));
  bytes.insert(bytes.end(), data, data + size);
  try {
    const Run run = run_from_bytes(bytes);
    if (checkpoint_bytes(run_from_bytes(checkpoint_bytes(run))) != checkpoint_bytes(run))
      std::abort();
  } catch (const CheckpointError& error) {
    if (std::string(error.what()).find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
