// The program around a submission: takes a request, calls the function, sends the reply.
//
//   request   8 bytes that must come back, a byte with the number of threads, one with how many calls to make,
//             then [name, [arguments]]
//   reply     the same 8 bytes, then [status, ...]: see Status in process.hpp; one for each call
//
// All of this runs beside a stranger's code, which could change it: nobody trusts what it sends.
#include "grading/worker.hpp"

#include <cxxabi.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <typeinfo>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "common/require.hpp"
#include "grading/frame.hpp"
#include "grading/process.hpp"

namespace gradus::wire {

std::map<std::string, Service, std::less<>>& services() {
  static std::map<std::string, Service, std::less<>> all;
  return all;
}

namespace {

std::string type_name(const std::exception& error) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), std::free);
  return name ? name.get() : typeid(error).name();
}

}  // namespace

void put_failure(Packer& out, Status status, const std::exception& error, std::uint32_t members) {
  out.pack_array(members);
  out.pack(static_cast<int>(status));
  out.pack(type_name(error));
  out.pack(std::string(error.what()).substr(0, 4096));
}

void put_wrote(Packer& out, std::size_t argument) {
  out.pack_array(3);
  out.pack(static_cast<int>(Status::wrote));
  out.pack(std::to_string(argument));
  out.pack("");
}

namespace {

Buffer failure(Status status, const std::exception& error) {
  Buffer reply;
  Packer out(reply);
  put_failure(out, status, error, 3);
  return reply;
}

// On how many threads a parallel loop of the submission runs.
void use_threads([[maybe_unused]] int count) {
#ifdef _OPENMP
  omp_set_num_threads(count);
#endif
}

Buffer answer(std::string_view request) {
  const msgpack::object_handle parsed = parse(request);
  const Value* member = get_array(parsed.get(), 3);
  const auto service = services().find(get_string(member[0]));
  try {
    if (service == services().end()) throw std::runtime_error("no such function");
    Buffer reply;
    Packer out(reply);
    service->second.handler(service->second.function, member[1], member[2], out);
    return reply;
  } catch (const NotImplemented& error) {
    return failure(Status::not_written, error);
  } catch (const std::exception& error) {
    return failure(Status::threw, error);
  } catch (...) {
    return failure(Status::threw, std::runtime_error("something that is no std::exception"));
  }
}

// As a test called it: within a parallel region OpenMP gives a submission fewer threads than it says there are.
Buffer answer_within_a_region(std::string_view request) {
  Buffer reply;
#ifdef _OPENMP
#pragma omp parallel num_threads(2)
#pragma omp single
#endif
  reply = answer(request);
  return reply;
}

}  // namespace
}  // namespace gradus::wire

int main() {
  using namespace gradus::wire;
  for (std::string request;
       receive_frame(kChannel, request, kMaxRequest, kNever) == Transfer::done &&
       request.size() > kNonce + 1;) {
    const int threads = static_cast<signed char>(request[kNonce]);
    use_threads(std::abs(threads));
    for (int calls = request[kNonce + 1]; calls > 0; --calls) {
      const std::string_view call = std::string_view(request).substr(kNonce + 2);
      const Buffer reply = threads < 0 ? answer_within_a_region(call) : answer(call);
      std::string frame = request.substr(0, kNonce);
      frame.append(reply.data(), reply.size());
      if (send_frame(kChannel, frame, kNever) != Transfer::done) return 1;
    }
  }
}
