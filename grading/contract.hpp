// A chapter's contract, one line a function, for both sides of the wire.
//
//   GRADUS_STRUCT(DenseGradients, dx, dw, db)
//   GRADUS_FUNCTION(Matrix, dense_forward, (const Matrix& x, const Matrix& w, const Matrix& b),
//                   x, w, b)
//
// With GRADUS_WORKER the second line puts dense_forward of the submission on the list of what the
// worker serves. Without it, it defines dense_forward for the tests: a proxy that sends its
// arguments to the worker and returns, or throws, what comes back.
#pragma once

#include <tuple>

// Names all members in their order; the compiler refuses a list that is too short or too long.
#define GRADUS_STRUCT(Name, ...)          \
  inline auto fields(const Name& value) { \
    const auto& [__VA_ARGS__] = value;    \
    return std::tie(__VA_ARGS__);         \
  }                                       \
  inline auto fields(Name& value) {       \
    auto& [__VA_ARGS__] = value;          \
    return std::tie(__VA_ARGS__);         \
  }

#ifdef GRADUS_WORKER
#include "grading/worker.hpp"
#define GRADUS_FUNCTION(Result, name, parameters, ...) \
  static const ::gradus::wire::Served served_##name(#name, static_cast<Result(*) parameters>(name));
#else
#include "grading/proxy.hpp"
#define GRADUS_FUNCTION(Result, name, parameters, ...)                                          \
  Result name parameters {                                                                      \
    return ::gradus::wire::call(static_cast<Result(*) parameters>(name), {#name, #__VA_ARGS__}, \
                                __VA_ARGS__);                                                   \
  }
#endif
