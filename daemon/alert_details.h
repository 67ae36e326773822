// SPDX-License-Identifier: Apache-2.0
// Adds to an alert what /proc shows of the process behind it. A hostile process may make reads of
// its command line hang, so they are made on a thread that is abandoned then. Not for the event
// loop: takes up to `patience`.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "daemon/model/alert.h"

namespace capmon {

class AlertDetails {
 public:
  static constexpr std::chrono::milliseconds kPatience{500};
  static constexpr int kMaxHanging = 4;  // threads; with that many, nothing is read

  explicit AlertDetails(std::string proc, std::chrono::milliseconds patience = kPatience);

  // Fills Alert::process as far as the process is still the one of the check; the rest is named in
  // Alert::unread with its reason. What the alert has already is kept: it is from the event, or was
  // read for an earlier publication.
  void Add(Alert& alert);

 private:
  const std::string proc_;
  const std::chrono::milliseconds patience_;
  // Shared with abandoned threads.
  const std::shared_ptr<std::atomic<int>> hanging_;
};

// The same on this thread, without a limit of time. `now`: the wall clock's time, and that since
// the machine started.
struct ProcessClock {
  TimeNs wall = 0;
  TimeNs boot = 0;
};
void ReadProcessDetails(const std::string& proc, const ProcessClock& now, Alert& alert);

}  // namespace capmon
