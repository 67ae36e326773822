// SPDX-License-Identifier: Apache-2.0
// One receiver of alerts: a bounded queue in memory, a spool on disk, a transport, and a thread
// that moves alerts from one to the next. A slow receiver delays neither the event loop nor other
// sinks.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/encode/encode_alert.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

class Transport;

// Counters since the start of capmond; `spooled` and the times are the present.
struct SinkState {
  std::string name;
  std::string target;  // "syslog tls://siem:6514", without secrets
  std::string format;
  uint64_t accepted = 0;     // given to the sink
  uint64_t delivered = 0;    // acknowledged, or sent where nothing acknowledges
  uint64_t refused = 0;      // by the receiver, for good; the latest are stored beside the spool
  std::string last_refusal;  // its reason
  uint64_t dropped_queue = 0, dropped_spool = 0;
  uint64_t retries = 0;
  uint64_t spooled = 0, spooled_bytes = 0;  // waiting now
  TimeNs last_delivered = 0;                // 0: never
  TimeNs failing_since = 0;                 // 0: not failing
  TimeNs sending_since = 0;                 // 0: no delivery waits for an answer
  std::string last_error;
  std::string spool_trouble;  // the disk does not accept alerts, or a damaged spool was set aside
};

class Sink {
 public:
  // Opens the spool below `directory` ("" for none: memory only) and continues with what it holds.
  // Fails for what only another setting can fix, as a file that cannot be made; a receiver that is
  // away is no failure.
  static absl::StatusOr<std::unique_ptr<Sink>> Open(const SinkSettings& settings,
                                                    const Sensor& sensor,
                                                    const std::string& directory);
  // The same, over a transport of these settings.
  static absl::StatusOr<std::unique_ptr<Sink>> Open(const SinkSettings& settings,
                                                    const Sensor& sensor,
                                                    const std::string& directory,
                                                    std::unique_ptr<Transport> transport);
  virtual ~Sink() = default;  // calls End()
  // Writes what is queued to the spool, gives a receiver that accepts it a second, then stops, even
  // while others hold this object. Returns how many alerts are lost because only memory has them.
  virtual uint64_t End() = 0;
  // Continues with other settings of the same name: neither queue nor spool lose anything.
  virtual void Change(const SinkSettings& settings, std::unique_ptr<Transport> transport) = 0;

  // Never waits. Leaves out what the settings filter. False: the queue was full, and the alert is
  // counted as dropped.
  virtual bool Put(const Alert& alert) = 0;
  // Opens a file by its name again, after logrotate moved it; reads secrets and certificates again.
  // After an error the old file stays in use.
  virtual absl::Status Reopen() = 0;
  // Sends one alert (number 0) past the queue, over a connection of its own, and returns the
  // receiver's answer. Waits: call it from any thread but the event loop's.
  virtual absl::Status Test(const Alert& alert) = 0;
  // Tries again at once, and waits until nothing is queued or spooled. DEADLINE_EXCEEDED after
  // `patience`.
  virtual absl::Status Flush(std::chrono::milliseconds patience) = 0;
  // Ends running calls of these two soon, and later ones at once: the sink is about to end.
  virtual void CancelCalls() = 0;
  virtual SinkState State() const = 0;
  virtual SinkSettings settings() const = 0;
};

}  // namespace capmon
