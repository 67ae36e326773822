// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/docker.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <optional>
#include <ranges>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/attribution/docker_answer.h"

namespace capmon {
namespace {

using std::chrono::steady_clock;

TimeNs Now() {
  using std::chrono::system_clock;
  return std::chrono::nanoseconds(system_clock::now().time_since_epoch()).count();
}

// The id becomes part of a URL, so nothing but Docker's own spelling passes.
bool IsDockerId(const std::string& id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == id.npos;
}

absl::Status BadAnswer(const std::string& target, long code) {
  return absl::UnavailableError(
      absl::StrCat("ask for ", target, ": the answer (HTTP ", code, ") is not what Docker says"));
}

}  // namespace

DockerNames::DockerNames(Options options)
    : options_(std::move(options)),
      ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](std::stop_token stop) { Run(stop); }) {}

std::vector<ContainerDescribed> DockerNames::Take() {
  eventfd_t count = 0;
  ::eventfd_read(ready_.get(), &count);
  std::lock_guard lock(mutex_);
  std::vector<ContainerDescribed> taken(std::make_move_iterator(delivered_.begin()),
                                        std::make_move_iterator(delivered_.end()));
  delivered_.clear();
  return taken;
}

void DockerNames::Want(const std::string& container_id) {
  if (!IsDockerId(container_id)) return;
  {
    std::lock_guard lock(mutex_);
    Enqueue(container_id, 0);
    eager_ = true;
  }
  work_.notify_one();
}

DockerNames::State DockerNames::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

uint64_t DockerNames::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

void DockerNames::Run(std::stop_token stop) {
  bool connected = false;
  do {
    const absl::Status status = Work(stop, connected);
    connected = status.ok();
    Report(status);
  } while (WaitForWork(stop, connected));
}

// While nothing works, `retry` passes between attempts, or `eager_retry` once somebody asks. While
// it does, requests are served at once, and every `retry` it is seen whether the socket still is.
bool DockerNames::WaitForWork(std::stop_token stop, bool connected) {
  const auto earliest =
      steady_clock::now() + (connected ? std::chrono::milliseconds(0) : options_.eager_retry);
  const auto latest = steady_clock::now() + options_.retry;
  std::unique_lock lock(mutex_);
  const auto asked = [&] { return connected ? !wanted_.empty() : eager_; };
  work_.wait_until(lock, stop, latest, asked);
  work_.wait_until(lock, stop, std::min(earliest, latest), [] { return false; });
  eager_ = false;
  return !stop.stop_requested();
}

absl::Status DockerNames::Work(std::stop_token stop, bool connected) {
  HttpAnswer pong;
  absl::Status status = connected ? Get("/_ping", stop, pong) : AskForAll(stop);
  if (status.ok()) status = AskForWanted(stop);
  return status;
}

absl::Status DockerNames::Get(const std::string& target, std::stop_token stop,
                              HttpAnswer& answer) const {
  auto got = GetOverUnixSocket(options_.socket, target, options_.limits, stop);
  if (!got.ok()) return got.status();
  answer = *std::move(got);
  if (answer.code == 200 || answer.code == 404) return absl::OkStatus();
  return BadAnswer(target, answer.code);
}

absl::Status DockerNames::AskForAll(std::stop_token stop) {
  const std::string target = "/containers/json?all=1";
  HttpAnswer answer;
  const absl::Status status = Get(target, stop, answer);
  // Too many containers for one answer: each can still be asked for.
  if (absl::IsResourceExhausted(status)) return absl::OkStatus();
  if (!status.ok()) return status;
  auto containers = ParseContainerList(answer.body, Now());
  if (!containers) return BadAnswer(target, answer.code);
  // The list is newest first, and what does not fit loses its oldest.
  for (ListedContainer& listed : *containers | std::views::reverse) {
    const std::string id = listed.described.container_id;
    if (!IsDockerId(id)) continue;
    Deliver(std::move(listed.described));
    std::lock_guard lock(mutex_);
    if (listed.running) Enqueue(id, 0);
  }
  return absl::OkStatus();
}

absl::Status DockerNames::AskForWanted(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::string id;
    int attempts = 0;
    {
      std::lock_guard lock(mutex_);
      if (wanted_.empty()) break;
      id = std::move(wanted_.front());
      wanted_.pop_front();
      attempts = attempts_.extract(id).mapped() + 1;
    }
    const absl::Status status = AskForOne(id, stop);
    if (status.ok()) continue;
    // A container Docker is busy with may answer later; one it never answers for must not keep
    // the others waiting.
    std::lock_guard lock(mutex_);
    if (attempts < kMaxAttempts)
      Enqueue(id, attempts);
    else
      ++dropped_;
    return status;
  }
  return absl::OkStatus();
}

absl::Status DockerNames::AskForOne(const std::string& id, std::stop_token stop) {
  const std::string target = absl::StrCat("/containers/", id, "/json");
  HttpAnswer answer;
  const absl::Status status = Get(target, stop, answer);
  if (!status.ok() || answer.code == 404) return status;  // 404: some other runtime's
  auto described = ParseContainer(answer.body, Now());
  if (!described || described->container_id != id) return BadAnswer(target, answer.code);
  Deliver(*std::move(described));
  return absl::OkStatus();
}

void DockerNames::Deliver(ContainerDescribed described) {
  {
    std::lock_guard lock(mutex_);
    if (delivered_.size() >= kMaxReady) {
      delivered_.pop_front();
      ++dropped_;
    }
    delivered_.push_back(std::move(described));
  }
  ::eventfd_write(ready_.get(), 1);
}

void DockerNames::Enqueue(const std::string& id, int attempts) {
  if (!attempts_.emplace(id, attempts).second) return;
  wanted_.push_back(id);
  if (wanted_.size() <= kMaxWanted) return;
  attempts_.erase(wanted_.front());
  wanted_.pop_front();
  ++dropped_;
}

void DockerNames::Report(const absl::Status& status) {
  if (absl::IsCancelled(status)) return;
  const char* state = status.ok() ? "ok" : absl::IsNotFound(status) ? "absent" : "failing";
  std::lock_guard lock(mutex_);
  state_ = {state, std::string(status.message())};
}

}  // namespace capmon
