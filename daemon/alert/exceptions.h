// SPDX-License-Identifier: Apache-2.0
// Exceptions from rules, as a person wrote them into capmond.yaml: alerts that are not raised,
// until a time, for a reason. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/model/alert.h"

namespace capmon {

// An alert must match every field that is set.
struct AlertException {
  std::string workload{};  // a pattern with * and ?: "shop/deploy/*"; "" for any
  std::string rule{};      // "CM004"; "" for any
  std::string binary{};    // a pattern: "/usr/bin/ping"; "" for any
  std::optional<Capability> capability{};
  std::string reason{};
  TimeNs expires = 0;  // 0: never

  friend bool operator==(const AlertException&, const AlertException&) = default;
};

class AlertExceptions {
 public:
  // One exception, and the alerts and checks that it kept back.
  struct Counted {
    AlertException exception;
    uint64_t checks = 0;
    TimeNs last = 0;
  };

  // Replaces all. Those that were there before keep their counts.
  void Set(const std::vector<AlertException>& exceptions);
  // Returns whether one applies, and counts it. Alerts about the feed have no exceptions.
  bool Covers(const Alert& alert, TimeNs now);
  const std::vector<Counted>& all() const { return all_; }

  static constexpr size_t kMax = 1024;

 private:
  std::vector<Counted> all_;
};

// Whether an exception applies to an alert at `now`.
bool Covers(const AlertException& exception, const Alert& alert, TimeNs now);

}  // namespace capmon
