// What this machine can do, measured: the scale for every GFLOP/s.
#pragma once

#include <string>

namespace gradus {

// "AMD EPYC, 2 threads, AVX-512, float": the processor, the threads that will be used, the vectors
// that the program was compiled for, and its Scalar.
std::string hardware();

// The most multiply-adds a second, times 2, in 10^9: a loop that touches nothing but registers, the
// best of several runs of about 10 ms on each thread.
double peak_gflops(int threads);

// 10^9 bytes a second that one thread reads from memory, best of several passes over 256 MB.
double memory_bandwidth();

}  // namespace gradus
