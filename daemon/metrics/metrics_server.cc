// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/metrics_server.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr char kPath[] = "/metrics";
constexpr char kPlainText[] = "text/plain; charset=utf-8";
constexpr int kLookMilliseconds = 250;  // between looks at deadlines, while there are connections
constexpr unsigned kRoom = 2;  // times the connections: those that were ended are still there

std::string AddressOfClient(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  std::array<char, NI_MAXHOST> text = {};
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      address.ss_family == AF_UNIX ||
      ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, text.data(), text.size(),
                    nullptr, 0, NI_NUMERICHOST) != 0)
    return "";
  return text.data();
}

}  // namespace

// What the library calls, on the server's thread.
struct MetricsCallbacks {
  static MHD_Result OnRequest(void* server, MHD_Connection* connection, const char* path,
                              const char* method, const char*, const char*, size_t*, void**) {
    return static_cast<MetricsServer*>(server)->Answer(connection, path, method) == MHD_YES
               ? MHD_YES
               : MHD_NO;
  }

  static void OnConnection(void* server, MHD_Connection* connection, void**,
                           MHD_ConnectionNotificationCode code) {
    const MHD_ConnectionInfo* const info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == nullptr) return;
    auto* const self = static_cast<MetricsServer*>(server);
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
      self->Note(info->connect_fd);
    else
      self->clients_.erase(info->connect_fd);
  }
};

MetricsServer::MetricsServer(Listener listener, std::function<MetricsSnapshot()> take,
                             Options options)
    : options_(options),
      listener_(std::move(listener)),
      exposition_([this, take = std::move(take)] {
        MetricsSnapshot snapshot = take();
        snapshot.scrapes_ended = ended_;
        return snapshot;
      }) {}

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(
    Listener listener, std::function<MetricsSnapshot()> take, Options options) {
  std::unique_ptr<MetricsServer> server(
      new MetricsServer(std::move(listener), std::move(take), options));
  if (absl::Status status = server->StartLibrary(); !status.ok()) return status;
  server->thread_ = std::thread([raw = server.get()] { raw->Run(); });
  return server;
}

// The library makes no thread and opens no socket of its own. It does not write to stderr.
absl::Status MetricsServer::StartLibrary() {
  stop_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  // It needs a descriptor that it may close.
  UniqueFd fd(::fcntl(listener_.fd(), F_DUPFD_CLOEXEC, 0));
  if (stop_ && fd)
    library_ = MHD_start_daemon(
        MHD_USE_EPOLL, 0, nullptr, nullptr, &MetricsCallbacks::OnRequest, this,
        MHD_OPTION_LISTEN_SOCKET, fd.get(), MHD_OPTION_CONNECTION_LIMIT,
        kRoom * options_.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMaxRequestBytes,
        MHD_OPTION_NOTIFY_CONNECTION, &MetricsCallbacks::OnConnection, this, MHD_OPTION_END);
  if (library_ == nullptr)
    return absl::UnavailableError(
        absl::StrCat("cannot serve metrics at ", Print(listener_.address())));
  (void)fd.Release();
  return absl::OkStatus();
}

MetricsServer::~MetricsServer() {
  if (thread_.joinable()) {
    (void)::eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  if (library_ != nullptr) MHD_stop_daemon(library_);
}

int MetricsServer::PatienceMilliseconds() {
  MHD_UNSIGNED_LONG_LONG until = 0;
  if (MHD_get_timeout(library_, &until) != MHD_YES)
    return clients_.empty() ? -1 : kLookMilliseconds;
  return static_cast<int>(std::min<MHD_UNSIGNED_LONG_LONG>(until, kLookMilliseconds));
}

void MetricsServer::Run() {
  const MHD_DaemonInfo* const info = MHD_get_daemon_info(library_, MHD_DAEMON_INFO_EPOLL_FD);
  pollfd fds[] = {{stop_.get(), POLLIN, 0}, {info == nullptr ? -1 : info->epoll_fd, POLLIN, 0}};
  while (true) {
    if (::poll(fds, 2, PatienceMilliseconds()) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0) return;
    EndOldConnections();
    // While it is full the library does not listen; after a connection ended it does again, but
    // only from the next run on.
    bool was_full = true;
    while (was_full) {
      was_full = clients_.size() >= kRoom * options_.connections;
      MHD_run(library_);
      was_full = was_full && clients_.size() < kRoom * options_.connections;
    }
  }
}

void MetricsServer::Note(int fd) {
  clients_[fd] = {SteadyClock(), AddressOfClient(fd)};
  const auto open =
      std::ranges::count_if(clients_, [](const auto& each) { return !each.second.ended; });
  if (open > options_.connections) EndOldestOfFullest();
}

void MetricsServer::End(int fd, Client& client) {
  if (std::exchange(client.ended, true)) return;
  ::shutdown(fd, SHUT_RDWR);  // the library closes it
  ++ended_;
}

void MetricsServer::EndOldConnections() {
  const TimeNs now = SteadyClock();
  for (auto& [fd, client] : clients_)
    if (now - client.opened > options_.deadline) End(fd, client);
}

void MetricsServer::EndOldestOfFullest() {
  std::map<std::string_view, size_t> owners;
  for (const auto& [fd, client] : clients_) owners[client.owner] += client.ended ? 0 : 1;
  const auto most = [&](const Client& client) { return client.ended ? 0 : owners[client.owner]; };
  const auto oldest = std::ranges::max_element(clients_, [&](const auto& one, const auto& other) {
    const size_t of_one = most(one.second), of_other = most(other.second);
    return of_one != of_other ? of_one < of_other : one.second.opened > other.second.opened;
  });
  End(oldest->first, oldest->second);
}

int MetricsServer::Answer(MHD_Connection* connection, const std::string& path,
                          const std::string& method) {
  if (path != kPath)
    return Reply(connection, MHD_HTTP_NOT_FOUND, "there is only /metrics\n", kPlainText);
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD)
    return Reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "metrics can only be read\n", kPlainText);
  return Reply(connection, MHD_HTTP_OK, *exposition_.Text(SteadyClock()), Exposition::kContentType);
}

// One answer for each connection, so that none stays open for nothing.
int MetricsServer::Reply(MHD_Connection* connection, unsigned code, const std::string& text,
                         const char* type) {
  MHD_Response* const response = MHD_create_response_from_buffer(
      text.size(), const_cast<char*>(text.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
  if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  const MHD_Result queued = MHD_queue_response(connection, code, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace capmon
