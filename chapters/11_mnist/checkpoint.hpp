// A training on disk: what --checkpoint writes and --resume goes on from, to the same bits as if it
// had never stopped. Beside the contract: a student calls it and does not write it.
//
// The bytes: "gradus checkpoint", then the CRC-32 of what follows, then CBOR (RFC 8949). Matrices
// and the generator's words are stored as their bytes in memory, little-endian.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "chapters/11_mnist/experiment.hpp"

namespace gradus::mnist {

// One line: the file, what is wrong with it, and what was expected.
class CheckpointError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::vector<std::uint8_t> checkpoint_bytes(const Run& run);

// Refuses whatever checkpoint_bytes has not written, by this Scalar, and what training_init could
// not have begun: shapes that do not fit, settings outside their domains, numbers that are not
// finite.
Run run_from_bytes(std::span<const std::uint8_t> bytes);

bool same_settings(const Settings& a, const Settings& b);

// ---- checkpoint_file.cpp ----

// The file is written under another name first, brought to the disk, then renamed: it is the new
// checkpoint or the old one, never a part of either, whenever the program or the machine ends.
void save_checkpoint(const Run& run, const std::string& file);
Run load_checkpoint(const std::string& file);

}  // namespace gradus::mnist
