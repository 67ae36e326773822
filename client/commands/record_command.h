// SPDX-License-Identifier: Apache-2.0
// `capmon record`: waits until a profile is stable, and shows what it waits for.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

struct RecordOptions {
  std::string reference;
  std::chrono::seconds until_stable{0};  // this long without anything new
  std::chrono::seconds most{0};          // gives up after this time; 0: never
};

// "90s", "3m", "1h". INVALID_ARGUMENT for anything else, 0 and more than a week.
absl::StatusOr<std::chrono::seconds> ParseDuration(const std::string& text);

// The exit code: 0 stable, 5 not. Prints the profile at the end, also when it is interrupted.
absl::StatusOr<int> Record(const Settings& settings, const RecordOptions& options);

// What `capmon record` shows while it waits, from one answer after the other. Pure.
class RecordProgress {
 public:
  using Clock = std::chrono::steady_clock;
  explicit RecordProgress(Clock::time_point started) : started_(started) {}

  void Take(const v1::Profile& profile, Clock::time_point now);
  // True once after each change that is worth a line of its own.
  bool TakeNews() { return std::exchange(news_, false); }
  // "4 m 10 s: 1 start, 3 needs, last new NET_RAW 2 m ago, 0 lost; missing: ..."
  std::string Line(Clock::time_point now) const;
  bool stable() const { return stable_; }

 private:
  const Clock::time_point started_;
  Clock::time_point last_new_at_;
  std::string last_new_;  // "" before the first
  std::set<std::string> needs_;
  std::string missing_;
  std::string to_complete_;
  std::string state_;
  uint64_t starts_ = 0;
  uint64_t lost_ = 0;
  bool first_ = true;
  bool stable_ = false;
  bool news_ = false;
};

}  // namespace capmon
