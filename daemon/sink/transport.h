// SPDX-License-Identifier: Apache-2.0
// Carries messages to one receiver. Used by one thread, its sink's (daemon/sink/sink.h); may wait
// for the network, but ends soon after `stop` is requested.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/encode/encode_alert.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

// What became of a batch. Messages are settled from the front: the first `settled` ones need not be
// sent again.
struct SendResult {
  size_t settled = 0;
  // Among the settled ones, those that the receiver refused for good: indexes, and its reason.
  std::vector<std::pair<size_t, std::string>> refused;
  // Settled ones that it refused without saying which.
  uint64_t refused_unnamed = 0;
  std::string unnamed_reason;
  absl::Status status;  // why it ended before the last message: to be tried again
  // The receiver's wish (Retry-After); else the sink decides.
  std::optional<std::chrono::milliseconds> retry_after;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual SendResult Send(const std::vector<FeedMessage>& batch, std::stop_token stop) = 0;
  // Opens files by their names again (logrotate), and reads secrets and certificates again. Any
  // thread.
  virtual absl::Status Reopen() { return absl::OkStatus(); }
  virtual size_t max_batch() const { return 1; }
  // False where a protocol acknowledges nothing, as syslog.
  virtual bool acknowledges() const { return true; }
};

// Makes the transport of these settings. Does not connect; opens a file.
absl::StatusOr<std::unique_ptr<Transport>> MakeTransport(const SinkSettings& settings,
                                                         const Sensor& sensor);

// "syslog tls://siem:6514": the receiver, without secrets.
std::string TargetName(const SinkSettings& settings);

}  // namespace capmon
