// SPDX-License-Identifier: Apache-2.0
#include "daemon/feed.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLookForDrops(1);
constexpr std::chrono::milliseconds kLookForEnd(20);
constexpr std::chrono::minutes kRememberDrops(10);

// 64 bits at random.
std::string RunId() {
  std::random_device random;
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8));
}

Alert TestAlert(const std::string& sink) {
  Alert alert;
  alert.kind = AlertKind::kFeed;
  alert.id = absl::StrCat("feed:test:", sink);
  alert.rule = kFeedRule;
  alert.rule_version = 1;
  alert.rule_name = "Test of a sink";
  alert.severity = Severity::kInfo;
  alert.first = alert.last = WallClock();
  alert.count = 1;
  alert.has_capability = false;
  alert.message = absl::StrCat("This is a test of the sink ", sink,
                               " by capmon sink test; nothing happened in a container.");
  alert.next = "capmon sink list";
  return alert;
}

uint64_t Dropped(const SinkState& state) { return state.dropped_queue + state.dropped_spool; }

}  // namespace

Feed::Feed(Options options) : options_(std::move(options)), run_(RunId()) {}

absl::StatusOr<std::unique_ptr<Feed>> Feed::Start(Options options, const FeedSettings& settings) {
  std::unique_ptr<Feed> feed(new Feed(std::move(options)));
  feed->labels_ = settings.labels;
  for (const SinkSettings& sink : settings.sinks) {
    auto opened = Sink::Open(sink, feed->options_.sensor, feed->options_.directory);
    if (!opened.ok()) return opened.status();
    feed->sinks_.push_back(*std::move(opened));
  }
  feed->thread_ = std::thread([feed = feed.get()] { feed->Run(); });
  return feed;
}

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
  Sinks ended;  // destroyed without the lock
  {
    std::lock_guard lock(mutex_);
    ended.swap(sinks_);
  }
}

void Feed::Put(Alert alert) {
  {
    std::lock_guard lock(mutex_);
    const std::string owner = alert.container.key;
    if (queue_.Push(owner, std::move(alert))) ++dropped_;
  }
  arrived_.notify_one();
}

void Feed::Apply(FeedSettings settings) {
  {
    std::lock_guard lock(mutex_);
    wanted_ = std::move(settings);
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
    std::optional<FeedSettings> wanted = std::exchange(wanted_, std::nullopt);
    const bool reopen = std::exchange(reopen_, false);
    std::optional<Alert> alert = queue_.Pop();
    if (ending_ && !alert) return;
    const std::vector<std::string> labels = labels_;
    lock.unlock();
    // Before settings change: what was raised earlier goes to the sinks of that time.
    if (alert) Deliver(*std::move(alert), labels);
    if (wanted) Change(*wanted);
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

std::shared_ptr<Sink> Feed::Open(const SinkSettings& settings) {
  auto opened = Sink::Open(settings, options_.sensor, options_.directory);
  if (opened.ok()) return *std::move(opened);
  spdlog::error("the sink {} cannot be used: {}", settings.name,
                std::string(opened.status().message()));
  return nullptr;
}

// Both use one spool, so the old one ends first.
std::shared_ptr<Sink> Feed::Replace(std::shared_ptr<Sink> old, const SinkSettings& settings) {
  const SinkSettings before = old->settings();
  old->CancelCalls();
  const std::weak_ptr<Sink> ending = old;
  old.reset();
  // A call of Test() or Flush() that began before holds it until it notices the above.
  while (!ending.expired()) std::this_thread::sleep_for(kLookForEnd);
  if (auto changed = Open(settings)) {
    spdlog::info("the sink {} has new settings", settings.name);
    return changed;
  }
  spdlog::error("the sink {} continues with its settings of before", settings.name);
  return Open(before);
}

void Feed::Change(const FeedSettings& settings) {
  Sinks now, old = sinks();
  {
    std::lock_guard lock(mutex_);
    sinks_.clear();  // so that `old` holds the last reference, but for calls
    labels_ = settings.labels;
  }
  for (const SinkSettings& wanted : settings.sinks) {
    const auto found = std::ranges::find_if(old, [&](const std::shared_ptr<Sink>& sink) {
      return sink != nullptr && sink->settings().name == wanted.name;
    });
    std::shared_ptr<Sink> sink;
    if (found == old.end()) {
      sink = Open(wanted);
      if (sink) spdlog::info("the sink {} is new", wanted.name);
    } else if ((*found)->settings() == wanted) {
      sink = std::move(*found);
    } else {
      sink = Replace(std::move(*found), wanted);
    }
    if (sink) now.push_back(std::move(sink));
  }
  for (std::shared_ptr<Sink>& sink : old) {
    if (sink == nullptr) continue;
    const std::string name = sink->settings().name;
    const uint64_t waiting = sink->State().spooled;
    sink->CancelCalls();
    sink.reset();
    if (!options_.directory.empty())
      spdlog::info(
          "the sink {} is removed; {} alerts wait in its spool until a sink of that name comes "
          "back",
          name, waiting);
    else
      spdlog::warn(
          "the sink {} is removed; {} alerts that waited are dropped: there is no state directory",
          name, waiting);
  }
  std::lock_guard lock(mutex_);
  sinks_ = std::move(now);
}

void Feed::ReopenAll() {
  for (const auto& sink : sinks())
    if (const absl::Status status = sink->Reopen(); !status.ok())
      spdlog::error("the sink {}: {}; it continues as before", sink->settings().name,
                    std::string(status.message()));
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
  Alert alert = TestAlert(name);
  alert.event_id = absl::StrCat(run_, "-test-", WallClock());
  return (*sink)->Test(alert);
}

absl::Status Feed::Flush(const std::string& name, std::chrono::milliseconds patience) {
  const auto sink = Find(name);
  return sink.ok() ? (*sink)->Flush(patience) : sink.status();
}

}  // namespace capmon
