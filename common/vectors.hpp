// The machine's vector registers, as far as the compiler was told (-march=native).
//
// A multiply-add takes about 4 cycles and two units start one each in every cycle: at least 8 sums
// must be under way.
// A register tile of R x (V vectors) keeps R V sums; together with the V vectors of b and one
// element of a they must fit the registers, or the compiler spills them to memory.
//
//               bytes  registers   rows of a tile      taken, if it is
//                                  1, 2, 3 vectors wide    2 wide
//   AVX-512        64         32   14  14   9          28 sums + 3
//   AVX, AVX2      32         16    8   6   4          12 sums + 3
//   NEON           16         32   12  12   8          24 sums + 3
//   SSE2           16         16    8   5   3          10 sums + 3, and a register for the product:
//                                                      no fused multiply-add
#pragma once

#include "common/scalar.hpp"

namespace gradus {

#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64, tile_rows[] = {0, 14, 14, 9};
inline constexpr const char* vector_name = "AVX-512";
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32, tile_rows[] = {0, 8, 6, 4};
inline constexpr const char* vector_name = "AVX";
#elif defined(__ARM_NEON)
inline constexpr int vector_bytes = 16, tile_rows[] = {0, 12, 12, 8};
inline constexpr const char* vector_name = "NEON";
#else
inline constexpr int vector_bytes = 16, tile_rows[] = {0, 8, 5, 3};
inline constexpr const char* vector_name = "16-byte vectors";
#endif

// So many numbers fill a vector. And a piece of one, which a tile may end with: with AVX-512 half of it,
// since there are processors that do half a vector of 64 bytes in half the time (Zen 4). With AVX2 it was
// a loss.
inline constexpr int lanes = vector_bytes / static_cast<int>(sizeof(Scalar)),
                     piece = vector_bytes == 64 ? lanes / 2 : lanes;

// Unrolls the loop over the rows of a tile early, so that each sum gets its own register.
#ifdef __clang__
#define GRADUS_UNROLL _Pragma("clang loop unroll(full)")
#else
#define GRADUS_UNROLL _Pragma("GCC unroll 16")
#endif

}  // namespace gradus
