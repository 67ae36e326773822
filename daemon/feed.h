// SPDX-License-Identifier: Apache-2.0
// The feed of alerts: from the monitor to every sink, on a thread of its own. A slow receiver, or a
// process whose details cannot be read, delays neither the event loop nor other sinks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/fair_queue.h"
#include "daemon/settings/settings.h"
#include "daemon/sink/sink.h"
#include "daemon/sink/transport.h"

namespace capmon {

class Feed {
 public:
  struct Options {
    Sensor sensor;
    std::string directory;  // of the spools; "" for none: memory only
    // Adds what is read about the process; may take its time.
    std::function<void(Alert&)> complete = [](Alert&) {};
    // Receives each alert as it goes to the sinks.
    std::function<void(const Alert&)> completed = [](const Alert&) {};
  };
  // Opens all sinks. Fails for settings that can only be fixed by a person.
  static absl::StatusOr<std::unique_ptr<Feed>> Start(Options options, const FeedSettings& settings);
  ~Feed() { End(); }
  // Ends calls of Test() and Flush() soon, and later ones at once.
  void CancelCalls();
  // Hands queued alerts to the sinks, then ends them. Later calls find no sink.
  void End();

  // Never waits. Drops the alert, or one of the container with the most, if the queue is full.
  void Put(Alert alert);
  // Settings, and the transports of sinks that are new or have changed.
  struct Plan {
    FeedSettings settings;
    std::map<std::string, std::unique_ptr<Transport>> transports;  // by the sink's name
  };
  // Makes sure that all of the settings can be used; changes nothing.
  absl::StatusOr<Plan> Prepare(const FeedSettings& settings) const;
  // Applies them on the feed's thread; alerts that arrive meanwhile wait in the queue.
  void Apply(Plan plan);
  // Opens files by their names again, and reads secrets again.
  void Reopen();

  // Any thread but the event loop's may call these two, which wait. NOT_FOUND without such a sink.
  absl::Status Test(const std::string& name);
  absl::Status Flush(const std::string& name, std::chrono::milliseconds patience);
  std::vector<SinkState> States() const;
  uint64_t dropped() const;  // by the queue
  // Why alerts are lost or late: "the sink siem fails: ..."; "" if they are not.
  std::string Trouble() const;

  static constexpr size_t kMaxQueued = 8192;
  static constexpr size_t kMaxOfOne = 1024;

 private:
  using Sinks = std::vector<std::shared_ptr<Sink>>;

  explicit Feed(Options options);
  void Run();
  void Deliver(Alert alert, const std::vector<std::string>& labels);
  void Change(Plan plan);
  std::shared_ptr<Sink> Open(const SinkSettings& settings, std::unique_ptr<Transport> transport);
  std::unique_ptr<Transport> TakeTransport(Plan& plan, const SinkSettings& settings) const;
  void EndInBackground(const std::shared_ptr<Sink>& sink);
  void ReopenAll();
  void NoteDrops();
  Sinks sinks() const;
  absl::StatusOr<std::shared_ptr<Sink>> Find(const std::string& name) const;

  const Options options_;
  const std::string run_;  // random: event ids are unique across restarts

  mutable std::mutex mutex_;  // guards all below but events_
  std::condition_variable arrived_;
  FairQueue<Alert> queue_{kMaxOfOne, kMaxQueued};
  std::optional<Plan> wanted_;
  std::vector<std::string> labels_;
  bool reopen_ = false;
  bool ending_ = false;
  uint64_t dropped_ = 0;
  Sinks sinks_;
  uint64_t drops_seen_ = 0;
  std::optional<std::chrono::steady_clock::time_point> dropped_at_;

  // Of the thread.
  uint64_t events_ = 0;
  std::multimap<std::string, std::future<void>> ended_sinks_;  // sinks that end, by name
  std::thread thread_;                                         // last: uses all members above
};

}  // namespace capmon
