// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/api/listen.h"
#include "daemon/base/memory.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

// Descriptors of connections are at least this, apart from those that come and go in capmond.
constexpr int kFirst = 128;
constexpr int kRetryMilliseconds = 100;  // while there are no descriptors, or half an opening
constexpr int kPulseMilliseconds = 1000;
constexpr int kAcceptsAtOnce = 16;  // then those that began to speak come first
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view kClientHello("\x16\x03", 2);
constexpr size_t kMaxGroups = 1024;
// Connections that leave no memory behind worth returning: at a time, and one after the other.
constexpr size_t kFew = 16;
constexpr size_t kFewInTurn = 256;
// gRPC ends a connection after its client has, on threads of its own.
constexpr int64_t kSettle = 3'000'000'000;

int64_t Nanoseconds(std::chrono::milliseconds time) {
  return std::chrono::nanoseconds(time).count();
}

std::vector<gid_t> GroupsOf(int socket, gid_t primary) {
  std::vector<gid_t> groups(kMaxGroups);
  socklen_t size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) size = 0;
  groups.resize(size / sizeof(gid_t));
  groups.push_back(primary);
  return groups;
}

std::string AddressOf(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const void* const bytes =
      address.ss_family == AF_INET6
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr)
          : &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  return ::inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr ? ""
                                                                                    : text.data();
}

}  // namespace

void Peers::Note(int connection, Peer peer) {
  peers_.With([&](std::map<int, Peer>& peers) { peers[connection] = peer; });
}

void Peers::Forget(int connection) {
  peers_.With([&](std::map<int, Peer>& peers) { peers.erase(connection); });
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

Opening JudgeOpening(Protocol protocol, std::string_view bytes) {
  const std::string_view wanted = protocol == Protocol::kTls ? kClientHello : kPreface;
  const size_t known = std::min(bytes.size(), wanted.size());
  if (bytes.substr(0, known) != wanted.substr(0, known)) return Opening::kGarbage;
  return known < wanted.size() ? Opening::kUndecided : Opening::kSpeaks;
}

Acceptor::Acceptor(Access access, ConnectionLimits limits, Refusals& refusals, UniqueFd stop)
    : access_(std::move(access)), limits_(limits), refusals_(refusals), stop_(std::move(stop)) {}

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Make(Access access, ConnectionLimits limits,
                                                         Refusals& refusals) {
  UniqueFd stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop) return absl::UnavailableError(absl::StrCat("cannot serve: ", std::strerror(errno)));
  return std::unique_ptr<Acceptor>(
      new Acceptor(std::move(access), limits, refusals, std::move(stop)));
}

absl::Status Acceptor::ListenOnUnix(const std::string& path) {
  auto socket = ListenOnUnixSocket(path);
  if (!socket.ok()) return socket.status();
  listeners_.push_back({*std::move(socket), Protocol::kHttp2});
  return absl::OkStatus();
}

absl::StatusOr<int> Acceptor::ListenOnTcp(const std::string& address) {
  auto socket = ListenOnTcpPort(address);
  if (!socket.ok()) return socket.status();
  listeners_.push_back({*std::move(socket), Protocol::kTls});
  return PortOf(listeners_.back().socket);
}

void Acceptor::Serve(Peers& peers, HandOver http2, HandOver tls) {
  next_ = kFirst;
  peers_ = &peers;
  http2_ = std::move(http2);
  tls_ = std::move(tls);
  thread_ = std::jthread([this] { Run(); });
}

void Acceptor::Stop() {
  if (!thread_.joinable()) return;
  (void)::eventfd_write(stop_.get(), 1);
  thread_.join();
  listeners_.clear();
  silent_.clear();
  open_.clear();
}

int Acceptor::Patience() const {
  if (silent_.empty() && open_.empty() && !MayLeaveMemory()) return -1;
  const bool stutters = std::ranges::any_of(silent_, &Connection::stutters);
  const auto least = std::min({limits_.silence, limits_.stuck});
  const int pulse =
      std::clamp<int>(static_cast<int>(least.count() / 4), kRetryMilliseconds, kPulseMilliseconds);
  return stutters ? kRetryMilliseconds : pulse;
}

void Acceptor::Run() {
  std::vector<pollfd> fds;
  while (true) {
    fds.assign(1, {stop_.get(), POLLIN, 0});
    for (const Listener& listener : listeners_) fds.push_back({listener.socket.get(), POLLIN, 0});
    for (const Connection& each : silent_)
      fds.push_back({each.socket.get(), static_cast<short>(each.stutters ? 0 : POLLIN), 0});
    for (const Connection& each : open_) fds.push_back({each.socket.get(), 0, 0});
    if (::poll(fds.data(), fds.size(), Patience()) < 0) {
      if (errno != EINTR) return;
      continue;
    }
    if (fds[0].revents != 0) return;
    const int64_t now = SteadyClock();
    size_t at = 1 + listeners_.size() + silent_.size();
    std::erase_if(open_, [&](Connection& each) {
      if (StaysOpen(each, fds[at++].revents, now)) return false;
      peers_->Forget(each.number);
      return true;
    });
    at = 1 + listeners_.size();
    std::vector<Connection> silent = std::exchange(silent_, {});
    for (Connection& each : silent) {
      const short events = fds[at++].revents;
      if (StaysSilent(each, events, now)) silent_.push_back(std::move(each));
    }
    for (size_t i = 0; i < listeners_.size(); ++i)
      if (fds[1 + i].revents != 0) Accept(listeners_[i]);
    ReturnMemoryAfterFlood(now);
  }
}

bool Acceptor::MayLeaveMemory() const { return most_ > kFew || accepted_ > kFewInTurn; }

void Acceptor::ReturnMemoryAfterFlood(int64_t now) {
  const size_t count = silent_.size() + open_.size();
  most_ = std::max(most_, count);
  const bool fell = most_ > kFew && 2 * count <= most_;
  if (!fell && accepted_ <= kFewInTurn) many_at_ = now;
  if (now - many_at_ < kSettle) return;
  most_ = count;
  accepted_ = 0;
  ReturnMemory();
}

void Acceptor::Accept(const Listener& listener) {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    UniqueFd socket(
        ::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        NoDescriptors();
      return;
    }
    ++accepted_;
    auto connection = Identify(std::move(socket), listener.protocol);
    if (!connection.ok()) continue;
    // Most clients have spoken by now.
    if (!StaysSilent(*connection, POLLIN, connection->since)) continue;
    if (silent_.size() >= limits_.silent) DropOldestOfFullest();
    silent_.push_back(*std::move(connection));
  }
}

void Acceptor::NoDescriptors() {
  if (!silent_.empty()) return DropOldestOfFullest();
  refusals_.Count("api_refused_descriptors");
  pollfd stop = {stop_.get(), POLLIN, 0};
  (void)::poll(&stop, 1, kRetryMilliseconds);
}

absl::StatusOr<Acceptor::Connection> Acceptor::Identify(UniqueFd socket, Protocol protocol) const {
  Connection connection;
  connection.since = SteadyClock();
  connection.protocol = protocol;
  if (protocol == Protocol::kTls) {
    connection.owner = absl::StrCat("address ", AddressOf(socket.get()));
  } else {
    ucred credentials = {};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
      return absl::UnavailableError("the client is gone");
    connection.peer = {credentials.uid, credentials.pid,
                       RoleOf(access_, credentials.uid, GroupsOf(socket.get(), credentials.gid))};
    connection.owner = absl::StrCat("uid ", credentials.uid);
  }
  connection.socket = std::move(socket);
  return connection;
}

// The one with the most silent connections makes room, so that a flood displaces only itself.
void Acceptor::DropOldestOfFullest() {
  std::map<std::string_view, size_t> owners;
  for (const Connection& each : silent_) ++owners[each.owner];
  const auto fullest =
      std::ranges::max_element(owners, {}, [](const auto& entry) { return entry.second; });
  const std::string owner(fullest->first);
  silent_.erase(std::ranges::find(silent_, owner, &Connection::owner));
  refusals_.Count("api_closed_silent");
}

bool Acceptor::StaysSilent(Connection& connection, short events, int64_t now) {
  Opening opening = Opening::kUndecided;
  if (events != 0 || connection.stutters) {
    std::array<char, kPreface.size()> bytes = {};
    const ssize_t got =
        ::recv(connection.socket.get(), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;  // it is gone
    if (got > 0) {
      opening = JudgeOpening(connection.protocol, {bytes.data(), static_cast<size_t>(got)});
      connection.stutters = opening == Opening::kUndecided;
    }
  }
  if (opening == Opening::kSpeaks) {
    Open(std::move(connection), now);
    return false;
  }
  if (opening == Opening::kGarbage) {
    refusals_.Count("api_closed_garbage");
    return false;
  }
  if (now - connection.since < Nanoseconds(limits_.silence)) return true;
  refusals_.Count("api_closed_silent");
  return false;
}

bool Acceptor::HasRoomFor(const Connection& connection) const {
  size_t of_viewers = 0, of_one = 0;
  for (const Connection& each : open_) {
    of_viewers += each.peer.role != Role::kOperator ? 1 : 0;
    of_one += each.owner == connection.owner ? 1 : 0;
  }
  const bool is_operator = connection.peer.role == Role::kOperator;
  return open_.size() < limits_.open &&
         (is_operator || (of_one < limits_.open_of_one && of_viewers < limits_.open_of_viewers));
}

void Acceptor::Open(Connection connection, int64_t now) {
  const int number = HasRoomFor(connection) ? Renumbered(connection.socket) : -1;
  if (number < 0) return refusals_.Count("api_refused_connections");
  connection.since = now;
  connection.number = number;
  if (connection.protocol == Protocol::kTls) {
    tls_(number);
  } else {
    peers_->Note(number, connection.peer);
    http2_(number);
  }
  open_.push_back(std::move(connection));
}

// gRPC shuts a connection down when it closes it.
bool Acceptor::StaysOpen(Connection& connection, short events, int64_t now) {
  if ((events & (POLLHUP | POLLERR | POLLNVAL)) != 0) return false;
  int unread = 0;
  if (::ioctl(connection.socket.get(), SIOCOUTQ, &unread) != 0) unread = 0;
  if (unread == 0 || unread != connection.unread) connection.since = now;
  connection.unread = unread;
  if (now - connection.since < Nanoseconds(limits_.stuck)) return true;
  ::shutdown(connection.socket.get(), SHUT_RDWR);
  refusals_.Count("api_closed_slow");
  return false;
}

// Gives the connection a number that was not used for the longest time, because its number is its
// name.
int Acceptor::Renumbered(const UniqueFd& connection) {
  int number = ::fcntl(connection.get(), F_DUPFD_CLOEXEC, next_);
  if (number < 0) number = ::fcntl(connection.get(), F_DUPFD_CLOEXEC, kFirst);
  if (number >= 0) next_ = number + 1;
  return number;
}

}  // namespace capmon
