// SPDX-License-Identifier: Apache-2.0
#include "client/base/apart.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Runs the whole life of the second process. Keeps no stream open that a shell may wait for.
[[noreturn]] void Work(int socket, pid_t parent,
                       const std::function<void(const SendMessage&)>& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (null < 0 || ::dup2(null, fd) < 0) ::close(fd);
  work([&](const std::string& message) {
    const size_t size = std::min(message.size(), kMaxApartMessage);
    if (::send(socket, message.data(), size, MSG_NOSIGNAL) < 0) ::_exit(1);
  });
  ::_exit(0);
}

// Returns "" when the other side has ended, and nothing when the deadline has passed.
std::optional<std::string> Receive(int socket, steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    pollfd readable{socket, POLLIN, 0};
    const int ready =
        ::poll(&readable, 1, static_cast<int>(std::clamp<int64_t>(left, 0, 3'600'000)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0 && left > 0) continue;
    if (ready <= 0) return std::nullopt;
    std::string message(kMaxApartMessage, '\0');
    const ssize_t size = ::recv(socket, message.data(), message.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    message.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return message;
  }
}

}  // namespace

absl::StatusOr<bool> RunApart(const std::function<void(const SendMessage&)>& work,
                              const std::function<void(const std::string&)>& heard,
                              steady_clock::time_point deadline) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return absl::ErrnoToStatus(errno, "make a socket for a further process");
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork a further process");
  if (pid == 0) Work(theirs.get(), parent, work);
  theirs.Reset();
  for (;;) {
    const auto message = Receive(ours.get(), deadline);
    if (message && !message->empty()) {
      heard(*message);
      continue;
    }
    ::kill(pid, SIGKILL);  // in the kernel it may not end; does not wait for it
    ::waitpid(pid, nullptr, message ? 0 : WNOHANG);
    return message.has_value();
  }
}

}  // namespace capmon
