// Frames on a stream socket: four bytes of length, the least significant first, then that many
// bytes. Neither side believes the other: lengths are bounded and every wait has an end.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace gradus::wire {

using Clock = std::chrono::steady_clock;

enum class Transfer { done, closed, late, too_long };

// What a reply may weigh. The largest that a contract function gives is far below it.
inline constexpr std::size_t kMaxReply = std::size_t{16} << 20;
inline constexpr std::size_t kMaxRequest = std::size_t{256} << 20;

// No end: for the worker, which has nothing to do but wait for its next request.
inline constexpr Clock::time_point kNever = Clock::time_point::max();

Transfer send_frame(int socket, std::string_view bytes, Clock::time_point end);
Transfer receive_frame(int socket, std::string& bytes, std::size_t limit, Clock::time_point end);

Transfer receive_byte(int socket, char& byte, Clock::time_point end);

// Are there bytes that nobody has read yet?
bool has_bytes(int socket);

}  // namespace gradus::wire
