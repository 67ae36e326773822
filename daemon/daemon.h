// SPDX-License-Identifier: Apache-2.0
// Composes capmond: a source of events, the monitor that applies them, alerts, the API,
// persistence. A live kernel and a recording differ only in what is composed. Declaration order is
// lifetime order.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/alert/line_sink.h"
#include "daemon/api/server.h"
#include "daemon/base/broadcast.h"
#include "daemon/base/event_loop.h"
#include "daemon/base/synchronized.h"
#include "daemon/base/wall_clock.h"
#include "daemon/call_watch.h"
#include "daemon/collector/kernel_source.h"
#include "daemon/collector/reading_process.h"
#include "daemon/collector/recorder.h"
#include "daemon/failed_start.h"
#include "daemon/feed.h"
#include "daemon/health_watch.h"
#include "daemon/inquiries.h"
#include "daemon/live_settings.h"
#include "daemon/metrics/metrics_server.h"
#include "daemon/monitor.h"
#include "daemon/persistence.h"
#include "daemon/requests.h"
#include "daemon/settings/settings.h"

namespace capmon {

class Daemon {
 public:
  // Composes everything and serves. After an error nothing of the start is left. Call before any
  // thread exists.
  static absl::StatusOr<std::unique_ptr<Daemon>> Create(const Settings& settings);
  // Runs until SIGINT or SIGTERM.
  absl::Status Run();

 private:
  explicit Daemon(const Settings& settings);

  absl::Status Compose();
  void StartReading();
  absl::Status ClaimSocket();
  absl::Status OpenAlerts();
  absl::Status StartFeed();
  // After SIGHUP.
  void Reload();
  absl::Status ApplySettings(const FeedSettings& settings);
  absl::Status OpenRecorder();
  absl::Status OpenReplay();
  absl::Status OpenKernel();
  void OpenMonitor(CgroupId own_cgroup);
  absl::Status Serve();
  absl::Status ListenForMetrics();
  absl::Status ServeMetrics();
  MetricsSnapshot Measure();
  absl::Status WatchDescriptors();
  Feed::Options FeedOptions();
  SinkAccess SinksForApi();
  ServiceContext Parts();
  std::map<std::string, uint64_t> Counters();
  // What the reference means is up to date after it; for "", everything.
  bool Refresh(const std::string& reference);

  // The data flow, twice a second and for requests that are not about one reference.
  void Tick();
  void ReadCounters();
  // Only what was counted for the first time, before the next tick, which persists it.
  void ReadNewCounters();
  // Only what was counted for one reference: reading all takes longer with each container.
  void ReadCountersOf(const std::string& reference);
  // Handles records that need a name, a file or room in the ring.
  void OnUrgent();
  void ReadUrgent();
  void ApplyAnswers(const std::vector<CgroupId>& unnamed);
  // Reads without the lock, and takes it to apply events.
  using Read = std::function<absl::Status(KernelSource&, const KernelEventSink&)>;
  void Poll(const Read& read);
  void Apply(const std::vector<KernelEvent>& events);
  // Gives the source what the monitor has learned about groups.
  void SteerGroups();
  void SteerOutcomes();
  void SteerUse();
  void FlushRecording();
  void NoteHealth();
  void SaveMemory();
  void NoteDetails();

  LiveSettings live_;
  const Config& config_;  // those of the start: a reload changes only the feed
  // Before every thread, so that they inherit the blocked signals.
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<ReadingProcess> reading_;  // moved into inquiries_
  CallSites sites_;
  FailedStart files_to_remove_;  // before the objects that create them
  Server::Options server_options_;
  std::optional<SocketClaim> claim_;
  std::optional<Listener> metrics_listener_;  // none: no --metrics; moved into metrics_
  std::unique_ptr<LineSink> alert_lines_;     // null: no --alerts
  std::unique_ptr<Persistence> persistence_;
  // After the lock of their directory, before the objects that create them.
  FailedStart pins_to_remove_;
  std::unique_ptr<KernelSource> source_;
  Recorder recorder_;
  std::unique_ptr<HealthWatch> health_;
  std::unique_ptr<Inquiries> inquiries_;
  Requests requests_;
  Broadcast<Alert> alerts_;
  Broadcast<WatchedEvent> watched_;
  std::optional<Synchronized<Monitor>> monitor_;
  std::optional<CallWatch> call_watch_;
  TimeNs reading_took_ = 0;  // of a CPU, for the new counters, the last time
  TimeNs unhealthy_since_ = SteadyClock();
  TimeNs memory_returned_ = 0;
  std::string backend_ = "replay";
  uint64_t groups_version_ = 0;                // version of the groups that the source has
  Synchronized<std::vector<Alert>> detailed_;  // by the feed, for the monitor; bounded
  std::unique_ptr<Feed> feed_;
  Synchronized<std::map<std::string, uint64_t>> raised_;  // new findings by rule
  std::unique_ptr<Server> server_;
  std::unique_ptr<MetricsServer> metrics_;  // last: reads all members above
};

}  // namespace capmon
