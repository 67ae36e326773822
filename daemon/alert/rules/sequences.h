// SPDX-License-Identifier: Apache-2.0
// Rules about several alerts of one container within a time: bursts and scans of denied attempts
// (CM005, CM006), and several ways out (CM017). Bounded.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "daemon/model/alert.h"

namespace capmon {

class AlertSequences {
 public:
  // Returns the further alerts that an alert of one check completes. Call for each one, repetitions
  // included: `count` of them is the increment.
  std::vector<Alert> On(const Alert& alert);

  static constexpr size_t kMaxContainers = 4096;  // beyond, the oldest is forgotten
  static constexpr TimeNs kBurstWithin = 10 * kSecond;
  static constexpr uint64_t kBurst = 100;
  static constexpr TimeNs kScanWithin = 3600 * kSecond;
  static constexpr size_t kScan = 5;
  static constexpr TimeNs kEscapeWithin = 600 * kSecond;
  static constexpr size_t kEscapes = 2;

 private:
  struct State {
    TimeNs burst_from = 0;
    uint64_t burst = 0;  // denied since
    std::map<Capability, TimeNs> denied;
    std::map<std::string, TimeNs> escapes;  // by rule
  };
  State& StateOf(const std::string& key);
  static void NoteBurst(State& state, const Alert& alert, std::vector<Alert>& further);
  static void NoteScan(State& state, const Alert& alert, std::vector<Alert>& further);
  static void NoteEscape(State& state, const Alert& alert, std::vector<Alert>& further);

  std::map<std::string, State> states_;  // by container key
  std::deque<std::string> order_;        // oldest first
};

}  // namespace capmon
