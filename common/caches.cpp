#include "common/caches.hpp"

#include <unistd.h>

#include <algorithm>

namespace gradus {

std::size_t cache_bytes(int level) {
  long bytes = 0;
#ifdef _SC_LEVEL2_CACHE_SIZE
  bytes = sysconf(level == 1 ? _SC_LEVEL1_DCACHE_SIZE : _SC_LEVEL2_CACHE_SIZE);
#endif
  if (bytes <= 0) bytes = level == 1 ? 32 * 1024 : 1024 * 1024;
  return static_cast<std::size_t>(bytes);
}

int cache_ways() {
  long ways = 0;
#ifdef _SC_LEVEL1_DCACHE_ASSOC
  ways = sysconf(_SC_LEVEL1_DCACHE_ASSOC);
#endif
  return ways > 0 ? static_cast<int>(ways) : 8;
}

int cache_sets() { return std::max(1, static_cast<int>(cache_bytes(1) / 64) / cache_ways()); }

}  // namespace gradus
