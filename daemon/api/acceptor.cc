// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/acceptor.h"

#include <fcntl.h>
#include <grpcpp/server_posix.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

// Descriptors of connections are at least this, apart from those that come and go in capmond.
constexpr int kFirst = 128;
constexpr int kRetryMilliseconds = 100;  // while there are no descriptors

absl::Status Failed(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", path, ": ", std::strerror(errno)));
}

}  // namespace

void Peers::Note(int connection, Peer peer) {
  peers_.With([&](std::map<int, Peer>& peers) { peers[connection] = peer; });
}

std::optional<Peer> Peers::Of(const std::string& connection) {
  constexpr std::string_view kPrefix = "fd:";
  int number = 0;
  if (!connection.starts_with(kPrefix) ||
      !absl::SimpleAtoi(connection.substr(kPrefix.size()), &number))
    return std::nullopt;
  return peers_.With([&](std::map<int, Peer>& peers) -> std::optional<Peer> {
    const auto found = peers.find(number);
    return found == peers.end() ? std::nullopt : std::optional(found->second);
  });
}

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return absl::InvalidArgumentError(absl::StrCat("cannot listen on ", path, ": it is too long"));
  std::copy(path.begin(), path.end(), address.sun_path);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  UniqueFd stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!socket || !stop) return Failed(path);
  const mode_t before = ::umask(0177);
  const int bound =
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int error = errno;
  ::umask(before);
  errno = error;
  if (bound != 0 || ::listen(socket.get(), SOMAXCONN) != 0) return Failed(path);
  return std::unique_ptr<Acceptor>(new Acceptor(std::move(socket), std::move(stop)));
}

void Acceptor::Serve(grpc::Server& server, Peers& peers) {
  next_ = kFirst;
  thread_ = std::jthread([this, &server, &peers] { Run(server, peers); });
}

void Acceptor::Stop() {
  if (!thread_.joinable()) return;
  (void)::eventfd_write(stop_.get(), 1);
  thread_.join();
  socket_.Reset();
}

void Acceptor::Run(grpc::Server& server, Peers& peers) {
  pollfd fds[] = {{stop_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
  while (true) {
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0) return;
    if (fds[1].revents != 0) AcceptOne(server, peers);
  }
}

void Acceptor::AcceptOne(grpc::Server& server, Peers& peers) {
  UniqueFd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) {
    pollfd stop = {stop_.get(), POLLIN, 0};
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
      (void)::poll(&stop, 1, kRetryMilliseconds);
    return;
  }
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  const bool known =
      ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  const int number = known ? Renumber(connection) : -1;
  if (number < 0) return;
  peers.Note(number, {credentials.uid, credentials.pid});
  grpc::AddInsecureChannelFromFd(&server, number);  // owns the descriptor now
}

// Gives the connection a number that was not used for the longest time, because its number is its
// name.
int Acceptor::Renumber(const UniqueFd& connection) {
  int number = ::fcntl(connection.get(), F_DUPFD_CLOEXEC, next_);
  if (number < 0) number = ::fcntl(connection.get(), F_DUPFD_CLOEXEC, kFirst);
  if (number >= 0) next_ = number + 1;
  return number;
}

}  // namespace capmon
