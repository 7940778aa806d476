// The four files of a set, under the names that they have around the world.

#include <algorithm>
#include <filesystem>
#include <set>
#include <vector>

#include "common/mnist_parts.hpp"

namespace gradus {
namespace {

namespace fs = std::filesystem;

struct Part {
  std::vector<std::string> sets;  // "t10k" or, in EMNIST, "test"
  std::string rest;               // "-images", "idx3-ubyte" with '-' or '.' between them
  std::string type;
};
const Part kTrainImages = {{"train"}, "-images", "idx3-ubyte"};
const Part kTrainLabels = {{"train"}, "-labels", "idx1-ubyte"};
const Part kTestImages = {{"t10k", "test"}, "-images", "idx3-ubyte"};
const Part kTestLabels = {{"t10k", "test"}, "-labels", "idx1-ubyte"};

// .gz comes first: gzip's checksum finds damage that a plain file can't show.
std::vector<std::string> names(const Part& part, const std::string& prefix) {
  std::vector<std::string> all;
  for (const std::string& set : part.sets)
    for (const char* between : {"-", "."})
      for (const char* packed : {".gz", ""})
        all.push_back(prefix + set + part.rest + between + part.type + packed);
  return all;
}

// The first of these names that is a file, or a folder with such a file in it, as Kaggle packs
// them; "" if there is none.
std::string look_for(const std::string& folder, const std::vector<std::string>& names) {
  std::error_code error;
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name;
    if (!fs::is_directory(path, error)) {
      if (fs::exists(path, error)) return path;
      continue;
    }
    for (const std::string& inner : names)
      if (fs::is_regular_file(path + "/" + inner, error)) return path + "/" + inner;
  }
  return "";
}

std::string find_file(const std::string& folder, const std::string& prefix, const Part& part) {
  const std::string path = look_for(folder, names(part, prefix));
  if (!path.empty()) return path;
  const std::string start = prefix + part.sets.front() + part.rest;
  refuse(folder + "/" + start + "-" + part.type, "no such file; expected it or ", start, ".",
         part.type, ", with or without .gz, or a folder of that name around it",
         part.sets.size() > 1 ? ", or \"test\" for \"t10k\"" : "");
}

// "" for train-images-idx3-ubyte, "emnist-letters-" for emnist-letters-train-images-idx3-ubyte.
std::string find_prefix(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    refuse(folder, "no such folder; expected one with a data set");
  std::set<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    for (const std::string& end : names(kTrainImages, ""))
      if (name == end || name.ends_with("-" + end))
        found.insert(name.substr(0, name.size() - end.size()));
  }
  if (found.contains("") || found.empty()) return "";
  if (found.size() == 1) return *found.begin();
  std::string list;
  for (const std::string& prefix : found)
    list += (list.empty() ? "" : ", ") + prefix.substr(0, prefix.size() - 1);
  refuse(folder, "holds several sets (", list, "); expected one, or the name of one of them");
}

void read_pair(const std::string& images_path, const std::string& labels_path, int classes,
               IdxImages& images, std::vector<int>& labels) {
  images = read_idx_images(images_path);
  labels = read_idx_labels(labels_path);
  if (labels.size() != static_cast<std::size_t>(images.count))
    refuse(labels_path, "holds ", labels.size(), " labels; expected ", images.count,
           ", one for each image of ", images_path);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= classes)
      refuse(labels_path, "label ", i, " (counted from 0) is ", labels[i], "; expected 0 to ",
             classes - 1, " for ", classes, " classes");
}

}  // namespace

MnistSet read_mnist(const std::string& folder, const MnistOptions& options) {
  if (options.classes < 1) throw std::invalid_argument("read_mnist: classes must be 1 or more");
  const std::string prefix = options.name.empty() ? find_prefix(folder) : options.name + "-";
  const auto path = [&](const Part& part) { return find_file(folder, prefix, part); };
  const std::string train_images = path(kTrainImages), train_labels = path(kTrainLabels);
  const std::string test_images = path(kTestImages), test_labels = path(kTestLabels);
  MnistSet set;
  read_pair(train_images, train_labels, options.classes, set.train_images, set.train_labels);
  read_pair(test_images, test_labels, options.classes, set.test_images, set.test_labels);
  const IdxImages& a = set.train_images;
  const IdxImages& b = set.test_images;
  if (a.rows != b.rows || a.cols != b.cols)
    refuse(folder, "the test images are ", b.rows, "x", b.cols, "; expected ", a.rows, "x", a.cols,
           ", as the training images are");
  if (options.transposed) {
    set.train_images = transposed(set.train_images);
    set.test_images = transposed(set.test_images);
  }
  return set;
}

}  // namespace gradus
