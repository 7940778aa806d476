// What this machine can do, measured: the scale for every GFLOP/s.
#pragma once

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

// 10^9 bytes a second that one thread reads from memory, best of several passes over 256 MB.
double memory_bandwidth();

}  // namespace gradus
