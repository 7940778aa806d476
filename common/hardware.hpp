// What this machine can do, measured: the scale for every GFLOP/s.
#pragma once

#include <cstddef>
#include <string>

namespace gradus {

// "AMD EPYC, 2 threads, AVX-512, float": the processor, the threads that will be used, the vectors
// that the program was compiled for, and its Scalar.
std::string hardware();

// Does so many operations, two a multiply-add, in a loop that touches nothing but registers.
void multiply_adds(double operations, int threads);

// The most multiply-adds a second, times 2, in 10^9: the best of many runs of multiply_adds, some
// milliseconds each, in a second.
double peak_gflops(int threads);

// 10^9 bytes a second that one thread reads from so many bytes, again and again: out of the cache that
// holds them, or out of memory if none does. The best of several times 256 MB. At least 4096 bytes.
double read_bandwidth(std::size_t bytes);

}  // namespace gradus
