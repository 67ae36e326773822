// SPDX-License-Identifier: Apache-2.0
#include "daemon/feed.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/wall_clock.h"
#include "daemon/sink/feed_notice.h"

namespace capmon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLookForDrops(1);
constexpr std::chrono::minutes kRememberDrops(10);

// 64 bits at random.
std::string RunId() {
  std::random_device random;
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8));
}

uint64_t Dropped(const SinkState& state) { return state.dropped_queue + state.dropped_spool; }

}  // namespace

Feed::Feed(Options options) : options_(std::move(options)), run_(RunId()) {}

void Feed::CancelCalls() {
  for (const auto& sink : sinks()) sink->CancelCalls();
}

void Feed::End() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  arrived_.notify_one();
  if (thread_.joinable()) thread_.join();
  Sinks ended;
  {
    std::lock_guard lock(mutex_);
    ended.swap(sinks_);
  }
  for (const auto& sink : ended) EndInBackground(sink);
  ended_sinks_.clear();  // waits for them
}

void Feed::Put(Alert alert) {
  {
    std::lock_guard lock(mutex_);
    const std::string owner = alert.container.key;
    if (queue_.Push(owner, std::move(alert))) ++dropped_;
  }
  arrived_.notify_one();
}

void Feed::Apply(Plan plan) {
  {
    std::lock_guard lock(mutex_);
    wanted_ = std::move(plan);
  }
  arrived_.notify_one();
}

void Feed::Reopen() {
  {
    std::lock_guard lock(mutex_);
    reopen_ = true;
  }
  arrived_.notify_one();
}

void Feed::Run() {
  std::unique_lock lock(mutex_);
  auto looked = steady_clock::now();
  while (true) {
    arrived_.wait_for(lock, kLookForDrops,
                      [this] { return ending_ || reopen_ || wanted_ || !queue_.empty(); });
    std::optional<Plan> wanted = std::exchange(wanted_, std::nullopt);
    const bool reopen = std::exchange(reopen_, false);
    std::optional<Alert> alert = queue_.Pop();
    if (ending_ && !alert) return;
    const std::vector<std::string> labels = labels_;
    lock.unlock();
    // Before settings change: what was raised earlier goes to the sinks of that time.
    if (alert) Deliver(*std::move(alert), labels);
    if (wanted) Change(*std::move(wanted));
    if (reopen) ReopenAll();
    if (const auto now = steady_clock::now(); now - looked >= kLookForDrops) {
      looked = now;
      NoteDrops();
    }
    lock.lock();
  }
}

void Feed::Deliver(Alert alert, const std::vector<std::string>& labels) {
  alert.event_id = absl::StrCat(run_, "-", ++events_);
  options_.complete(alert);
  options_.completed(alert);
  if (!labels.empty())
    std::erase_if(alert.container.labels, [&](const auto& label) {
      return std::ranges::find(labels, label.first) == labels.end();
    });
  for (const auto& sink : sinks()) sink->Put(alert);
}

void Feed::NoteDrops() {
  uint64_t drops = 0;
  for (const auto& sink : sinks()) drops += Dropped(sink->State());
  std::lock_guard lock(mutex_);
  drops += dropped_;
  if (drops > drops_seen_) dropped_at_ = steady_clock::now();
  drops_seen_ = drops;
}

Feed::Sinks Feed::sinks() const {
  std::lock_guard lock(mutex_);
  return sinks_;
}

std::vector<SinkState> Feed::States() const {
  std::vector<SinkState> states;
  for (const auto& sink : sinks()) states.push_back(sink->State());
  return states;
}

uint64_t Feed::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

std::string Feed::Trouble() const {
  const std::vector<SinkState> states = States();
  for (const SinkState& state : states)
    if (state.failing_since != 0)
      return absl::StrCat("the sink ", state.name, " fails: ", state.last_error);
  std::lock_guard lock(mutex_);
  if (!dropped_at_ || steady_clock::now() - *dropped_at_ > kRememberDrops) return "";
  for (const SinkState& state : states)
    if (Dropped(state) > 0) return absl::StrCat("the sink ", state.name, " drops alerts");
  return "alerts arrive faster than they can be handed to sinks, and some are dropped";
}

absl::StatusOr<std::shared_ptr<Sink>> Feed::Find(const std::string& name) const {
  const Sinks all = sinks();
  std::string names;
  for (const auto& sink : all) {
    if (sink->settings().name == name) return sink;
    absl::StrAppend(&names, names.empty() ? "" : ", ", sink->settings().name);
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no sink \"", name, "\"; ",
      names.empty() ? "none is set up, see sinks in capmond.yaml" : "there are: " + names));
}

absl::Status Feed::Test(const std::string& name) {
  const auto sink = Find(name);
  if (!sink.ok()) return sink.status();
  const TimeNs now = WallClock();
  Alert alert = TestAlert(name, now);
  alert.event_id = absl::StrCat(run_, "-test-", now);
  return (*sink)->Test(alert);
}

absl::Status Feed::Flush(const std::string& name, std::chrono::milliseconds patience) {
  const auto sink = Find(name);
  return sink.ok() ? (*sink)->Flush(patience) : sink.status();
}

}  // namespace capmon
