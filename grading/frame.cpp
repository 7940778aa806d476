#include "grading/frame.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace gradus::wire {
namespace {

// Waits until the socket is ready; false when the time is over.
bool wait_for(int socket, short event, Clock::time_point end) {
  while (true) {
    int milliseconds = -1;
    if (end != kNever) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
      if (left <= 0) return false;
      milliseconds = static_cast<int>(std::min<decltype(left)>(left, 60'000));
    }
    pollfd waiting{socket, event, 0};
    const int ready = ::poll(&waiting, 1, milliseconds);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // the transfer itself will say what is wrong
  }
}

Transfer send_all(int socket, const char* data, std::size_t size, Clock::time_point end) {
  while (size > 0) {
    // MSG_NOSIGNAL: a worker that has gone must not take the sender with it.
    const ssize_t sent = ::send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      data += sent;
      size -= static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(socket, POLLOUT, end)) return Transfer::late;
    } else if (errno != EINTR) {
      return Transfer::closed;
    }
  }
  return Transfer::done;
}

// Looks before it waits: mostly the rest of a frame is there.
Transfer receive_all(int socket, char* data, std::size_t size, Clock::time_point end) {
  while (size > 0) {
    const ssize_t count = ::recv(socket, data, size, MSG_DONTWAIT);
    if (count > 0) {
      data += count;
      size -= static_cast<std::size_t>(count);
    } else if (count == 0) {
      return Transfer::closed;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(socket, POLLIN, end)) return Transfer::late;
    } else if (errno != EINTR) {
      return Transfer::closed;
    }
  }
  return Transfer::done;
}

}  // namespace

Transfer send_frame(int socket, std::string_view bytes, Clock::time_point end) {
  if (bytes.size() > kMaxRequest) return Transfer::too_long;
  // Length and bytes in one go: each sending wakes the other side, thousands of times a test.
  std::string frame;
  frame.reserve(4 + bytes.size());
  for (int i = 0; i < 4; ++i) frame += static_cast<char>(bytes.size() >> (8 * i) & 0xff);
  frame += bytes;
  return send_all(socket, frame.data(), frame.size(), end);
}

Transfer receive_frame(int socket, std::string& bytes, std::size_t limit, Clock::time_point end) {
  std::array<char, 4> length;
  const Transfer header = receive_all(socket, length.data(), length.size(), end);
  if (header != Transfer::done) return header;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i)
    size |= std::size_t{static_cast<unsigned char>(length[i])} << (8 * i);
  if (size > limit) return Transfer::too_long;
  // Memory grows with what has come, not with what was announced.
  bytes.clear();
  while (bytes.size() < size) {
    const std::size_t had = bytes.size(), more = std::min<std::size_t>(size - had, 1 << 16);
    bytes.resize(had + more);
    const Transfer body = receive_all(socket, bytes.data() + had, more, end);
    if (body != Transfer::done) return body;
  }
  return Transfer::done;
}

Transfer receive_byte(int socket, char& byte, Clock::time_point end) {
  return receive_all(socket, &byte, 1, end);
}

bool has_bytes(int socket) {
  char byte;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace gradus::wire
