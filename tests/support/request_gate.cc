// SPDX-License-Identifier: Apache-2.0
#include "tests/support/request_gate.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <utility>

namespace capmon {
namespace {

constexpr int kTick = 100;  // milliseconds

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

UniqueFd Socket() { return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

bool Send(int to, const std::string& text) {
  for (size_t sent = 0; sent < text.size();) {
    const ssize_t bytes = ::send(to, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (bytes <= 0) return false;
    sent += static_cast<size_t>(bytes);
  }
  return true;
}

// Returns what has arrived; "" at the end.
std::string Receive(int from) {
  char buffer[16384];
  const ssize_t bytes = ::recv(from, buffer, sizeof(buffer), 0);
  return bytes <= 0 ? "" : std::string(buffer, static_cast<size_t>(bytes));
}

bool HasEnded(int peer) {
  char byte;
  return ::recv(peer, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace

RequestGate::RequestGate(const std::string& path, std::string server)
    : path_(path), server_(std::move(server)), listener_(Socket()) {
  const sockaddr_un address = AddressOf(path);
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::listen(listener_.get(), 16) == 0)
    accepting_ = std::thread([this] { Accept(); });
}

RequestGate::~RequestGate() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  released_.notify_all();
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept
  if (accepting_.joinable()) accepting_.join();
  ::unlink(path_.c_str());
}

void RequestGate::StopAt(const GatePoint& point) {
  const std::lock_guard lock(mutex_);
  point_ = point;
  state_ = State::kWaiting;
}

bool RequestGate::Stopped() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kStopped;
}

void RequestGate::Release() {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kOpen;
  }
  released_.notify_all();
}

std::set<std::string> RequestGate::Created() const {
  const std::lock_guard lock(mutex_);
  return created_;
}

void RequestGate::Accept() {
  while (true) {
    UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) break;
    connections_.emplace_back([this, fd = client.Release()] { Serve(UniqueFd(fd)); });
  }
  for (std::thread& connection : connections_) connection.join();
}

void RequestGate::Serve(UniqueFd client) {
  const UniqueFd server = Socket();
  const sockaddr_un address = AddressOf(server_);
  if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return;
  const std::string request = Receive(client.get());
  const bool chosen = IsChosen(request);
  if (chosen && !point_.answered) {
    Stop();
    if (HasEnded(client.get())) return;
  }
  if (Send(server.get(), request)) PassOn(client.get(), server.get(), chosen && point_.answered);
}

bool RequestGate::IsChosen(const std::string& request) {
  const std::string line = request.substr(0, request.find('\r'));
  const std::lock_guard lock(mutex_);
  return state_ == State::kWaiting && line.starts_with(point_.method + " ") &&
         line.find(point_.part) != line.npos && --point_.which == 0;
}

void RequestGate::Stop() {
  std::unique_lock lock(mutex_);
  state_ = State::kStopped;
  released_.wait(lock, [&] { return state_ != State::kStopped || ending_; });
}

void RequestGate::PassOn(int client, int server, bool stop) {
  pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
  while (true) {
    const int ready = ::poll(both, 2, kTick);
    {
      const std::lock_guard lock(mutex_);
      if (ending_) return;
    }
    if (ready <= 0) continue;
    if (both[0].revents != 0) {
      const std::string more = Receive(client);
      if (more.empty() || !Send(server, more)) return;
    }
    if (both[1].revents == 0) continue;
    const std::string answer = Receive(server);
    Note(answer);
    if (std::exchange(stop, false)) Stop();
    if (answer.empty() || !Send(client, answer)) return;
  }
}

void RequestGate::Note(const std::string& answer) {
  constexpr char kBefore[] = R"("Id":")";
  constexpr size_t kLength = 64;
  const size_t place = answer.find(kBefore);
  if (!answer.starts_with("HTTP/1.1 201 ") || place == answer.npos) return;
  const std::lock_guard lock(mutex_);
  created_.insert(answer.substr(place + sizeof(kBefore) - 1, kLength));
}

}  // namespace capmon
