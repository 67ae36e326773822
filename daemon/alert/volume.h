// SPDX-License-Identifier: Apache-2.0
// How many alerts are published: limits per workload and rule, per container, per rule and in all,
// on the time of events. A container that raises many does not silence another one. What is held
// back is counted, and reported in the feed itself. Pure and bounded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "daemon/model/alert.h"

namespace capmon {

// At most `burst` at once, and `per_minute` in the long run.
struct AlertRate {
  uint32_t burst = 0;
  uint32_t per_minute = 0;

  friend bool operator==(const AlertRate&, const AlertRate&) = default;
};

struct VolumeLimits {
  // New findings of one rule, workload, capability and binary: one per container.
  AlertRate finding{3, 1};
  AlertRate container{64, 32};
  AlertRate rule{300, 120};
  AlertRate total{1000, 300};
  // For containers that raised almost none, when the limits of the rule or in all are used up.
  AlertRate reserve{300, 120};

  friend bool operator==(const VolumeLimits&, const VolumeLimits&) = default;
};

class AlertVolume {
 public:
  AlertVolume() : AlertVolume(VolumeLimits()) {}
  explicit AlertVolume(const VolumeLimits& limits);
  // Begins anew with full limits. What was held back stays counted.
  void SetLimits(const VolumeLimits& limits);

  // Returns whether to publish it, and charges the limits; otherwise counts it as held back.
  // An update (Alert::update) that is held back is not counted: its counts come with the next one.
  bool Admit(const Alert& alert, TimeNs now);
  // Returns an alert about what was held back, once a minute at most; nothing if nothing was.
  std::optional<Alert> Summary(TimeNs now);
  uint64_t held_back() const { return held_back_; }

  static constexpr size_t kMaxFindings = 8192;
  static constexpr size_t kMaxContainers = 4096;
  static constexpr size_t kMaxHeld = 256;  // causes that are distinguished
  static constexpr TimeNs kSummaryEvery = 60 * kSecond;

 private:
  struct Bucket {
    double tokens = 0;
    TimeNs filled = 0;
  };
  using Buckets = std::map<std::string, Bucket>;

  static void Fill(Bucket& bucket, const AlertRate& rate, TimeNs now);
  static Bucket& Find(Buckets& buckets, const std::string& key, const AlertRate& rate, size_t most,
                      TimeNs now);
  bool AdmitShared(const Alert& alert, bool quiet, TimeNs now);
  void NoteHeld(const Alert& alert, TimeNs now);

  VolumeLimits limits_;
  Buckets findings_, containers_, rules_;
  Bucket total_, reserve_;
  std::map<std::pair<std::string, std::string>, uint64_t> held_;  // by rule and container
  uint64_t held_otherwise_ = 0;
  uint64_t held_back_ = 0;
  TimeNs held_from_ = 0;
  TimeNs summarized_ = 0;
};

}  // namespace capmon
