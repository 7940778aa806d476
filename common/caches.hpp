// The caches of this machine, as the system reports them.
#pragma once

#include <cstddef>

namespace gradus {

// Bytes of the first or second cache of data of a core, as the system reports them; 32 KB or 1 MB where
// it does not.
std::size_t cache_bytes(int level);

// Of the first cache of data: a line has its place in one of so many sets, each of which holds so many
// lines of 64 bytes. 8 ways where the system does not say.
int cache_ways();
int cache_sets();

}  // namespace gradus
