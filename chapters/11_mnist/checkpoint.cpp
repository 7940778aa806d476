#include "chapters/11_mnist/checkpoint.hpp"

#include <zlib.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "chapters/08_normalization/parameters.hpp"

namespace gradus::mnist {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they lie here");

using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

const std::string kMagic = "gradus checkpoint";
constexpr int kVersion = 1;

[[noreturn]] void damaged(const std::string& why) { throw CheckpointError("is damaged: " + why); }
void expect(bool ok, const std::string& what) {
  if (!ok) damaged(what);
}

// Nothing here lies deeper; a reader of CBOR calls itself at each level, and has a stack.
class DepthLimit : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= 8; }
  bool end_object() override { return depth_-- > 0; }
  bool start_array(std::size_t) override { return ++depth_ <= 8; }
  bool end_array() override { return depth_-- > 0; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  int depth_ = 0;
};

// ---- numbers and matrices ----

template <typename T>
Json block(std::span<const T> values) {
  Bytes bytes(values.size_bytes());
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return Json::binary(std::move(bytes));
}

template <typename T>
std::vector<T> block_of(const Json& json) {
  const Bytes& bytes = json.get_binary();
  expect(bytes.size() % sizeof(T) == 0, "a block of numbers has a part of one");
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

int integer(const Json& json, std::int64_t low, std::int64_t high) {
  expect(json.is_number_integer(), "a whole number is missing");
  const auto value = json.get<std::int64_t>();
  expect(low <= value && value <= high, "a number is outside its range");
  return static_cast<int>(value);
}

Scalar scalar(const Json& json) {
  expect(json.is_number_float(), "a number is missing");
  return json.get<Scalar>();
}

Json to_json(const Matrix& m) { return {m.rows(), m.cols(), block<Scalar>(m.flat())}; }

Matrix matrix(const Json& json, int rows, int cols) {
  expect(integer(json.at(0), 0, rows) == rows && integer(json.at(1), 0, cols) == cols,
         "a matrix is not (" + std::to_string(rows) + "," + std::to_string(cols) + ")");
  const std::vector<Scalar> values = block_of<Scalar>(json.at(2));
  Matrix m(rows, cols);
  expect(static_cast<int>(values.size()) == m.size(), "a matrix lacks numbers");
  std::copy(values.begin(), values.end(), m.flat().begin());
  for (Scalar v : values) expect(std::isfinite(v), "NaN or infinity in a matrix");
  return m;
}

// A state is empty before the first step, later shaped like what it belongs to.
Matrix memory(const Json& json, const Matrix& like) {
  const bool empty = json.at(0) == 0 && json.at(1) == 0;
  return empty ? Matrix(0, 0) : matrix(json, like.rows(), like.cols());
}

// ---- settings ----

Json to_json(const Settings& s) {
  return {{"units", s.units},
          {"init", static_cast<int>(s.init)},
          {"batch_norm", s.batch_norm},
          {"dropout", s.dropout},
          {"l2", s.l2},
          {"l1", s.l1},
          {"optimizer", static_cast<int>(s.optimizer)},
          {"learning_rate", s.learning_rate},
          {"batch_size", s.batch_size},
          {"shift", s.augmentation.shift},
          {"degrees", s.augmentation.degrees},
          {"noise", s.augmentation.noise}};
}

constexpr std::int64_t kMost = 1 << 24;  // units of a layer, pixels, samples of a batch

Settings settings(const Json& json, std::size_t file_size) {
  Settings s;
  s.units.clear();
  expect(json.at("units").is_array() && json.at("units").size() <= 1000, "the units are no list");
  double weights = 0;
  for (const Json& units : json.at("units")) {
    const int before = s.units.empty() ? 0 : s.units.back();
    s.units.push_back(integer(units, 1, kMost));
    weights += double(before) * s.units.back();
  }
  expect(weights * sizeof(Scalar) <= static_cast<double>(file_size),
         "a network without its numbers");
  s.init = static_cast<Init>(integer(json.at("init"), 0, static_cast<int>(Init::he)));
  s.batch_norm = json.at("batch_norm").get<bool>();
  s.dropout = scalar(json.at("dropout"));
  s.l2 = scalar(json.at("l2"));
  s.l1 = scalar(json.at("l1"));
  s.optimizer =
      static_cast<Optimizer>(integer(json.at("optimizer"), 0, static_cast<int>(Optimizer::adamw)));
  s.learning_rate = scalar(json.at("learning_rate"));
  s.batch_size = integer(json.at("batch_size"), 1, kMost);
  s.augmentation = {.shift = integer(json.at("shift"), 0, kMost),
                    .degrees = scalar(json.at("degrees")),
                    .noise = scalar(json.at("noise"))};
  return s;
}

// ---- the generator ----

Json to_json(const Random& random) {
  const RandomState& state = random.state();
  return {block<std::uint32_t>(state.words), state.position, state.has_spare,
          block<double>({&state.spare, 1})};
}

Random generator(const Json& json) {
  RandomState state;
  const auto words = block_of<std::uint32_t>(json.at(0));
  const auto spare = block_of<double>(json.at(3));
  expect(words.size() == state.words.size() && spare.size() == 1, "the generator lacks words");
  std::copy(words.begin(), words.end(), state.words.begin());
  state.position = integer(json.at(1), 0, static_cast<std::int64_t>(words.size()));
  state.has_spare = json.at(2).get<bool>();
  state.spare = spare[0];
  expect(std::isfinite(state.spare), "the generator's Gauss is not finite");
  return Random(state);
}

// ---- a training ----

Json to_json(const Training& t) {
  Json json = {{"settings", to_json(t.settings)},
               {"random", to_json(t.random)},
               {"epoch", t.epoch},
               {"matrices", Json::array()},
               {"norms", Json::array()}};
  DeepNetwork deep = t.deep;
  const std::vector<Matrix*> all = parameters(deep);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const OptimizerState& state = t.states[i];
    json["matrices"].push_back(
        {to_json(*all[i]), to_json(state.direction), to_json(state.squares), state.t});
  }
  for (const BatchNorm& norm : deep.norms)
    json["norms"].push_back(
        {to_json(norm.mean), to_json(norm.variance), norm.momentum, norm.epsilon});
  return json;
}

// Begins one with these settings, then puts everything in its place.
Training training(const Json& json, std::size_t file_size) {
  Settings begun = settings(json.at("settings"), file_size);
  const Init init = std::exchange(begun.init, Init::zeros);  // nothing is drawn for nothing
  Training t = training_init(begun, generator(json.at("random")));
  t.settings.init = init;
  t.epoch = integer(json.at("epoch"), 0, 1'000'000'000);
  const std::vector<Matrix*> all = parameters(t.deep);
  expect(json.at("matrices").size() == all.size(), "the number of matrices");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Json& stored = json.at("matrices").at(i);
    *all[i] = matrix(stored.at(0), all[i]->rows(), all[i]->cols());
    t.states[i] = {.direction = memory(stored.at(1), *all[i]),
                   .squares = memory(stored.at(2), *all[i]),
                   .t = integer(stored.at(3), 0, 2'147'483'646)};
    for (Scalar v : t.states[i].squares.flat()) expect(v >= 0, "a square below 0");
  }
  expect(json.at("norms").size() == t.deep.norms.size(), "the number of batch norms");
  for (std::size_t l = 0; l < t.deep.norms.size(); ++l) {
    const Json& stored = json.at("norms").at(l);
    BatchNorm& norm = t.deep.norms[l];
    norm.mean = matrix(stored.at(0), 1, norm.mean.cols());
    norm.variance = matrix(stored.at(1), 1, norm.variance.cols());
    norm.momentum = scalar(stored.at(2));
    norm.epsilon = scalar(stored.at(3));
    expect(norm.momentum >= 0 && norm.momentum <= 1 && norm.epsilon > 0, "a batch norm's numbers");
    for (Scalar v : norm.variance.flat()) expect(v >= 0, "a variance below 0");
  }
  return t;
}

}  // namespace

Bytes checkpoint_bytes(const Run& run) {
  Json epochs = Json::array();
  for (const Epoch& e : run.epochs)
    epochs.push_back(
        {e.number, e.loss, e.train.loss, e.train.accuracy, e.test.loss, e.test.accuracy});
  const Bytes body = Json::to_cbor({{"version", kVersion},
                                    {"scalar", sizeof(Scalar)},
                                    {"model", run.model.name},
                                    {"images", run.model.images},
                                    {"repeated", run.model.repeated},
                                    {"training", to_json(run.training)},
                                    {"epochs", epochs}});
  const auto crc =
      static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), body.data(), body.size()));
  Bytes bytes(kMagic.begin(), kMagic.end());
  for (int shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<std::uint8_t>(crc >> shift));
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

Run run_from_bytes(std::span<const std::uint8_t> bytes) {
  const std::size_t head = kMagic.size() + 4;
  if (bytes.size() < kMagic.size() || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
    throw CheckpointError("is no checkpoint of gradus");
  expect(bytes.size() > head, "it ends too early");
  const auto body = bytes.subspan(head);
  std::uint32_t crc = 0;
  for (std::size_t i = 0; i < 4; ++i) crc |= std::uint32_t{bytes[kMagic.size() + i]} << (8 * i);
  expect(crc == crc32_z(crc32_z(0, nullptr, 0), body.data(), body.size()),
         "its checksum does not fit (cut off, or changed)");
  DepthLimit limit;
  expect(Json::sax_parse(body.begin(), body.end(), &limit, Json::input_format_t::cbor),
         "what it holds is not a training");
  try {
    const Json json = Json::from_cbor(body.begin(), body.end());
    if (json.at("version") != kVersion) throw CheckpointError("is of another version of gradus");
    if (json.at("scalar") != sizeof(Scalar))
      throw CheckpointError("holds numbers of another size than this program's");
    Training stored = training(json.at("training"), bytes.size());
    Run run{.model = {.name = json.at("model").get<std::string>(),
                      .settings = stored.settings,
                      .images = integer(json.at("images"), 1, kMost),
                      .repeated = integer(json.at("repeated"), 0, kMost)},
            .training = std::move(stored),
            .epochs = {}};
    for (const Json& e : json.at("epochs"))
      run.epochs.push_back({.number = integer(e.at(0), 1, 1'000'000'000),
                            .loss = scalar(e.at(1)),
                            .train = {scalar(e.at(2)), scalar(e.at(3))},
                            .test = {scalar(e.at(4)), scalar(e.at(5))}});
    return run;
  } catch (const Json::exception&) {
    damaged("what it holds is not a training");
  } catch (const std::invalid_argument& error) {
    damaged(error.what());
  }
}

bool same_settings(const Settings& a, const Settings& b) { return to_json(a) == to_json(b); }

}  // namespace gradus::mnist
