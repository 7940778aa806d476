// A check at every save.
#pragma once

#include <filesystem>
#include <functional>

namespace gradus {

// Calls `check` now and whenever the file was written, until Ctrl-C. It looks at the file five
// times a second: that is seen on network drives too, and when an editor puts another file in its
// place.
void watch(const std::filesystem::path& file, const std::function<void()>& check);

}  // namespace gradus
