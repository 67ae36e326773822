// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/lookup.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

namespace capmon {
namespace {

std::string KeyOf(const ContainerRef& wanted) {
  return wanted.cgroup_path.empty() ? wanted.id : wanted.cgroup_path;
}

}  // namespace

absl::Status MetadataSource::Watch(const std::function<void(const std::string&)>&,
                                   std::stop_token) {
  return absl::UnimplementedError("this source sends no events");
}

Lookup::Lookup(std::unique_ptr<MetadataSource> source, Patience patience)
    : patience_(patience),
      source_(std::move(source)),
      answers_{[this](ContainerDescribed described) { Deliver(std::move(described)); },
               [this](const std::string& id) {
                 Enqueue({{id, ""}}, Clock::now());
               }},
      ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      asking_([this](std::stop_token stop) { Ask(stop); }),
      following_([this](std::stop_token stop) { FollowChanges(stop); }) {}

std::vector<ContainerDescribed> Lookup::Drain() {
  eventfd_t count = 0;
  ::eventfd_read(ready_.get(), &count);
  std::lock_guard lock(mutex_);
  std::vector<ContainerDescribed> taken(std::make_move_iterator(delivered_.begin()),
                                        std::make_move_iterator(delivered_.end()));
  delivered_.clear();
  return taken;
}

void Lookup::Request(const ContainerRef& wanted) {
  if (source_->Handles(wanted)) Enqueue({wanted}, Clock::now());
}

Lookup::State Lookup::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

uint64_t Lookup::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

void Lookup::Ask(std::stop_token stop) {
  bool connected = false;
  do {
    const absl::Status status = Work(stop, connected);
    connected = status.ok();
    Report(status);
  } while (WaitForWork(stop, connected));
}

// While nothing works, waits `retry` between attempts, or `eager_retry` after a request. Otherwise
// serves requests when they are due, and checks the source every `retry`.
bool Lookup::WaitForWork(std::stop_token stop, bool connected) {
  const auto begin = Clock::now();
  const auto asked = [this] { return news_; };
  std::unique_lock lock(mutex_);
  if (!connected) {
    const auto latest = begin + patience_.retry;
    work_.wait_until(lock, stop, latest, asked);
    work_.wait_until(lock, stop, std::min(begin + patience_.eager_retry, latest),
                     [] { return false; });
    news_ = false;
    return !stop.stop_requested();
  }
  while (!stop.stop_requested()) {
    const auto due = wanted_.empty() ? next_check_ : std::min(next_check_, wanted_.begin()->first);
    if (Clock::now() >= due) break;
    work_.wait_until(lock, stop, due, asked);
    news_ = false;
  }
  return !stop.stop_requested();
}

absl::Status Lookup::Work(std::stop_token stop, bool connected) {
  absl::Status status;
  if (!connected || Clock::now() >= next_check_) {
    status = connected ? source_->Check(answers_, stop) : source_->ListAll(answers_, stop);
    next_check_ = Clock::now() + patience_.retry;
  }
  return status.ok() ? AskForWanted(stop) : status;
}

bool Lookup::NextDue(Query& request) {
  std::lock_guard lock(mutex_);
  if (wanted_.empty() || wanted_.begin()->first > Clock::now()) return false;
  request = std::move(wanted_.extract(wanted_.begin()).mapped());
  asked_for_.erase(KeyOf(request.wanted));
  return true;
}

absl::Status Lookup::AskForWanted(std::stop_token stop) {
  Query request;
  while (!stop.stop_requested() && NextDue(request)) {
    const absl::StatusOr<Found> found = source_->Inspect(request.wanted, answers_, stop);
    if (found.ok()) {
      if (*found != Found::kNotYet || ++request.unknown_answers >= kMaxUnknownAnswers) continue;
      Enqueue(request, Clock::now() + patience_.not_yet * (1 << 2 * (request.unknown_answers - 1)));
      continue;
    }
    // A busy source may report a container later; a request that is never answered must not delay
    // the others.
    if (++request.attempts < kMaxAttempts) {
      Enqueue(request, Clock::now());
    } else {
      std::lock_guard lock(mutex_);
      ++dropped_;
    }
    return found.status();
  }
  return absl::OkStatus();
}

void Lookup::FollowChanges(std::stop_token stop) {
  const auto changed = [this](const std::string& id) { Enqueue({{id, ""}}, Clock::now()); };
  while (true) {
    std::unique_lock lock(mutex_);
    if (!work_.wait(lock, stop, [this] { return state_.state == "ok"; })) return;
    lock.unlock();
    if (absl::IsUnimplemented(source_->Watch(changed, stop))) return;
    lock.lock();
    work_.wait_until(lock, stop, Clock::now() + patience_.eager_retry, [] { return false; });
    if (stop.stop_requested()) return;
  }
}

void Lookup::Deliver(ContainerDescribed described) {
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

void Lookup::Enqueue(Query request, Clock::time_point due) {
  {
    std::lock_guard lock(mutex_);
    if (!asked_for_.insert(KeyOf(request.wanted)).second) return;
    wanted_.emplace(due, std::move(request));
    if (wanted_.size() > kMaxWanted) {
      asked_for_.erase(KeyOf(wanted_.begin()->second.wanted));
      wanted_.erase(wanted_.begin());
      ++dropped_;
    }
    news_ = true;
  }
  work_.notify_all();
}

void Lookup::Report(const absl::Status& status) {
  if (absl::IsCancelled(status)) return;
  const char* state = status.ok() ? "ok" : absl::IsNotFound(status) ? "absent" : "failing";
  {
    std::lock_guard lock(mutex_);
    state_ = {state, std::string(status.message())};
  }
  work_.notify_all();
}

}  // namespace capmon
