#include "tests/peers/contender.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "common/hardware.hpp"
#include "common/matmul.hpp"
#include "common/random.hpp"
#include "common/vectors.hpp"

#if GRADUS_HAVE_EIGEN
#include <Eigen/Dense>
#endif

namespace gradus::peers {
namespace {

void ours(const std::string& op, const Matrix& a, const Matrix& b, Matrix& c) {
  if (op == "nn") matmul(a, b, c);
  if (op == "tn") matmul_tn(a, b, c);
  if (op == "nt") matmul_nt(a, b, c);
}

// As many operations, and nothing but registers.
void peak(const std::string& op, const Matrix& a, const Matrix&, Matrix& c) {
  const char* threads = std::getenv("OMP_NUM_THREADS");
  multiply_adds(2.0 * c.size() * (op == "tn" ? a.rows() : a.cols()),
                threads == nullptr ? 1 : std::max(1, std::atoi(threads)));
}

#if GRADUS_HAVE_EIGEN
void eigen(const std::string& op, const Matrix& a, const Matrix& b, Matrix& c) {
  using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Rows> x(a.flat().data(), a.rows(), a.cols());
  const Eigen::Map<const Rows> y(b.flat().data(), b.rows(), b.cols());
  Eigen::Map<Rows> z(c.flat().data(), c.rows(), c.cols());
  if (op == "nn") z.noalias() = x * y;
  if (op == "tn") z.noalias() = x.transpose() * y;
  if (op == "nt") z.noalias() = x * y.transpose();
}
#endif

using Names = std::vector<const char*>;
const Names openblas = {"libopenblas.so.0", "libopenblas.so", "libopenblas.dylib"};
const Names blis = {"libblis.so.4", "libblis.so", "libblis.dylib"};

// A library, opened by the first of its names that is there.
void* library(const Names& names) {
  void* found = nullptr;
  for (const char* name : names)
    if (found == nullptr) found = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  return found;
}

template <class Function>
Function* symbol(const Names& names, const char* name) {
  void* const opened = library(names);
  return opened == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(opened, name));
}

// Its product, by the CBLAS interface.
Product blas(const Names& names) {
  using Gemm = void(int, int, int, int, int, int, Scalar, const Scalar*, int, const Scalar*, int,
                    Scalar, Scalar*, int);
  const auto gemm = symbol<Gemm>(names, sizeof(Scalar) == 4 ? "cblas_sgemm" : "cblas_dgemm");
  if (gemm == nullptr) return {};
  return [gemm](const std::string& op, const Matrix& a, const Matrix& b, Matrix& c) {
    constexpr int row_major = 101, as_is = 111, transposed = 112;
    gemm(row_major, op == "tn" ? transposed : as_is, op == "nt" ? transposed : as_is, c.rows(),
         c.cols(), op == "tn" ? a.rows() : a.cols(), 1, a.flat().data(), a.cols(), b.flat().data(),
         b.cols(), 0, c.flat().data(), c.cols());
  };
}

std::string about_openblas() {
  std::string text;
  for (const char* name : {"openblas_get_config", "openblas_get_corename"})
    if (const auto ask = symbol<const char*()>(openblas, name)) text += std::string(ask()) + ' ';
  return text.substr(0, text.find(' ', text.find(' ') + 1)) + ", kernels for " +
         text.substr(text.find_last_of(' ', text.size() - 2) + 1);
}

std::string about_blis() {
  // Before it is ready it knows none of its kernels.
  if (const auto make_ready = symbol<void()>(blis, "bli_init")) make_ready();
  const auto version = symbol<const char*()>(blis, "bli_info_get_version_str");
  const auto kind = symbol<int()>(blis, "bli_arch_query_id");
  const auto named = symbol<const char*(int)>(blis, "bli_arch_string");
  if (version == nullptr || kind == nullptr || named == nullptr) return "BLIS";
  return std::string("BLIS ") + version() + ", kernels for " + named(kind());
}

// With one thread every contender keeps to one core: one that may move to a quiet core would win by that.
void tie_to_one_core() {
  cpu_set_t allowed, one;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  CPU_ZERO(&one);
  for (int core = CPU_SETSIZE - 1; core >= 0; --core)
    if (CPU_ISSET(core, &allowed)) {
      CPU_SET(core, &one);
      break;
    }
  sched_setaffinity(0, sizeof one, &one);
}

// On one thread the processor time of this thread: a neighbour who takes the core for some
// milliseconds does not count. On more threads the time on the wall.
double now(bool one_thread) {
  if (!one_thread)
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Threads are tied to cores: two that wake on one core after a stop stay there for longer than a
// measurement. Not where a library's threads are not this program's: they would all be tied to the
// core of the first.
bool has_own_threads(const std::string& contender) {
#ifdef __clang__
  if (contender == "blis") return true;  // GCC's OpenMP beside Clang's
#endif
  return contender == "openblas";
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string about_itself(const std::string& name) {
  if (name == "openblas") return about_openblas();
  if (name == "blis") return about_blis();
#if GRADUS_HAVE_EIGEN
  if (name == "eigen")
    return fmt::format("Eigen {}.{}.{}, {}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
                       EIGEN_MINOR_VERSION, Eigen::SimdInstructionSetsInUse());
#endif
  return std::string("gradus, ") + vector_name;
}

}  // namespace

Product contender(const std::string& name) {
  if (name == "gradus") return ours;
  if (name == "peak") return peak;
  if (name == "openblas") return blas(openblas);
  if (name == "blis") return blas(blis);
#if GRADUS_HAVE_EIGEN
  if (name == "eigen") return eigen;
#endif
  return {};
}

int serve(const std::string& name) {
  const char* threads = std::getenv("OMP_NUM_THREADS");
  const bool one_thread = threads != nullptr && std::string(threads) == "1";
  if (one_thread) tie_to_one_core();
  const Product product = contender(name);
  std::array<char, 8> op{};
  int m = 0, n = 0, k = 0;
  double seconds = 0;
  Random random(1);
  while (std::scanf("%7s %d %d %d %lf", op.data(), &m, &n, &k, &seconds) == 5) {
    const std::string kind = op.data();
    if (kind == "about") {
      std::printf("%s\n", about_itself(name).c_str());
      std::fflush(stdout);
      continue;
    }
    const Matrix a = random.normal_matrix(0, 1, kind == "tn" ? k : m, kind == "tn" ? m : k);
    const Matrix b = random.normal_matrix(0, 1, kind == "nt" ? n : k, kind == "nt" ? k : n);
    Matrix c(m, n);
    for (int warm = 0; warm < 3; ++warm) product(kind, a, b, c);
    const double before = now(one_thread);
    product(kind, a, b, c);
    const double guess = std::max(1e-9, now(one_thread) - before);
    const int batch = std::clamp(static_cast<int>(60e-6 / guess), 1, 200);  // well above the clock
    std::vector<double> times;
    const double end = now(one_thread) + seconds;
    do {
      const double start = now(one_thread);
      for (int i = 0; i < batch; ++i) product(kind, a, b, c);
      times.push_back((now(one_thread) - start) / batch);
    } while (now(one_thread) < end);
    std::printf("%.9g\n", median(times));
    std::fflush(stdout);
  }
  return 0;
}

Worker contender_process(const std::string& label, const std::string& name, int threads,
                         const std::vector<std::string>& settings) {
  std::vector<std::string> all = threads_of(threads);
  if (!has_own_threads(name)) all.push_back("OMP_PROC_BIND=true");
  // Each library shall choose its kernels by itself.
  for (const char* choice : {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "BLIS_ARCH_TYPE"})
    all.push_back(choice);
  all.insert(all.end(), settings.begin(), settings.end());
  return Worker(label, {"/proc/self/exe", "--serve", name}, all);
}

std::string about(Worker& worker) { return worker.ask_text("about 0 0 0 0"); }

double measure(Worker& worker, const std::string& op, int m, int n, int k, double seconds) {
  char question[96];
  std::snprintf(question, sizeof question, "%s %d %d %d %g", op.c_str(), m, n, k, seconds);
  return worker.ask(question).at(0);
}

}  // namespace gradus::peers
