// SPDX-License-Identifier: Apache-2.0
// The state machine between the source and everyone who asks: applies kernel events, knows every
// container and its evidence, raises alerts. Does no I/O and reads no clock; the caller locks.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/alert/alert_rules.h"
#include "daemon/attribution/container_index.h"
#include "daemon/model/alert.h"
#include "daemon/model/kernel_event.h"
#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// One piece of fresh evidence, for live viewers.
struct WatchedEvent {
  TimeNs time = 0;
  Container container;
  JudgedEvidence evidence;  // counts are the increment
};

struct MonitorStatus {
  SourceStarted source;
  std::map<std::string, uint64_t> lost;
  std::map<std::string, uint64_t> counters;
};

class Monitor {
 public:
  struct Options {
    TimeNs baseline_after = 0;   // 0: only by SetBaseline
    size_t max_containers = 4096;  // ended ones are evicted first, oldest first
    size_t max_alerts = 1024;
  };

  Monitor(const CallSites& sites, Options options);

  // Receives what the event led to; either may be empty.
  using AlertSink = std::function<void(const Alert&)>;
  using WatchSink = std::function<void(const WatchedEvent&)>;
  void OnAlert(AlertSink sink);
  void OnWatch(WatchSink sink);

  void Apply(const KernelEvent& event);

  // Copies out everything known. Running first, then by name.
  std::vector<Profile> Profiles() const;
  // NOT_FOUND, or FAILED_PRECONDITION with the candidates when ambiguous.
  absl::StatusOr<Profile> Find(const std::string& reference) const;
  absl::Status Reset(const std::string& reference);
  // What counts as used at the baseline now set.
  absl::StatusOr<CapabilitySet> SetBaseline(const std::string& reference);
  std::vector<Alert> PastAlerts() const;
  MonitorStatus Status() const;
  const CallSites& sites() const { return sites_; }

 private:
  struct State;  // see monitor.cc

  const CallSites& sites_;
  Options options_;
  AlertSink on_alert_;
  WatchSink on_watch_;
};

}  // namespace capmon
