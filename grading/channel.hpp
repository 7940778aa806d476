// What a launcher, a worker and the tests' side agree on before any message.
#pragma once

namespace gradus::wire {

inline constexpr int kChannel = 3;   // the worker's descriptor of the socket
inline constexpr char kReady = 'r';  // sent by the launcher: the sandbox stands

}  // namespace gradus::wire
