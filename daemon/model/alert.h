// SPDX-License-Identifier: Apache-2.0
// An alert: what capmond reports about a container, with all that a receiver needs to act on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/model/capability.h"
#include "daemon/model/container.h"
#include "daemon/model/severity.h"

namespace capmon {

// Append only: stored alerts have their names.
enum class AlertKind {
  kNewCapability,
  kDeniedCapability,
  kFromMemory,
  kLeftCgroup,
  kDeniedBurst,      // many denied checks in a few seconds
  kDeniedScan,       // several capabilities denied in an hour
  kPrivilegeGained,  // by executing a set-user-ID file, or one with capabilities
  kPrivilegeRaised,  // by capset(2), or an ambient capability
  kUserNamespace,    // made, with all capabilities in it
  kEscape,           // calls that lead out of a container
  kEvidenceLost,
  kHealth,   // capmond's own
  kPosture,  // held and not needed
  kFeed,     // alerts were held back or lost
};
inline constexpr AlertKind kLastAlertKind = AlertKind::kFeed;

// A technique of MITRE ATT&CK: "T1611", "Escape to Host".
struct Technique {
  std::string id;
  std::string name;

  friend bool operator==(const Technique&, const Technique&) = default;
};
// The version of ATT&CK that all ids are of.
inline constexpr char kAttackVersion[] = "17.1";

// The process behind the first check of an alert, as far as it could be read; see Alert::unread.
struct AlertProcess {
  uint32_t pid_inside = 0;   // in the process's own namespace
  uint32_t parent = 0;       // as the host sees it
  std::string parent_name;   // its comm
  std::string name;          // comm
  std::string executable;    // the full path inside the container
  std::string command_line;  // arguments joined by blanks; at most kMaxCommandLine bytes
  std::optional<uint32_t> uid, euid;
  bool sets_known = false;  // the next three are set
  CapabilitySet effective, permitted, bounding;
  TimeNs started = 0;

  static constexpr size_t kMaxCommandLine = 4096;

  friend bool operator==(const AlertProcess&, const AlertProcess&) = default;
};

// A subject has one id; later alerts about it only raise `count`. The subject is a kind, a
// container, a capability and, except for code from memory, the kernel function and the binary. An
// alert without a capability has no check: the fields of one are empty. One that concerns no
// container, as of capmond itself, has a container without key and name.
struct Alert {
  std::string id;        // of the finding: equal for all alerts about one subject
  std::string event_id;  // of this publication: unique, so that a receiver finds duplicates
  bool update = false;   // the finding was published before
  AlertKind kind = AlertKind::kNewCapability;
  std::string rule;  // "CM001"
  int rule_version = 0;
  std::string rule_name;  // "First use outside the baseline"
  std::vector<Technique> techniques;
  Severity severity = Severity::kInfo;
  TimeNs first = 0;
  TimeNs last = 0;
  uint64_t count = 0;  // checks behind this alert
  bool has_capability = true;
  Capability capability = 0;
  bool granted = false;
  std::string verdict;  // as `capmon profile` shows it: "required"
  Container container;
  std::string workload;  // one spelling, see workload.h
  std::string site;
  std::string syscall;
  std::string binary;
  uint32_t pid = 0;
  AlertProcess process;
  std::string baseline;          // compared with: "approved", "workload", "container", "" for none
  TimeNs baseline_set = 0;       // 0: there was none
  CapabilitySet held, unneeded;  // of a posture: all it holds, and what of it is not needed
  std::string message;           // one sentence
  std::string next;              // the command that shows the evidence: "capmon explain ..."
  // What could not be read, and why: {"process.command_line", "the process had ended"}.
  std::vector<std::pair<std::string, std::string>> unread;

  friend bool operator==(const Alert&, const Alert&) = default;
};

// "new_capability", "denied_capability", "from_memory", "left_cgroup", "denied_burst", ...
const char* Name(AlertKind kind);
std::optional<AlertKind> ParseAlertKind(std::string_view name);

// Returns an alert about the feed itself: alerts that no receiver gets, `count` of them. `subject`
// distinguishes causes: "limits", or the name of a sink.
Alert MakeFeedAlert(const std::string& subject, const std::string& message, uint64_t count,
                    TimeNs now);
inline constexpr char kFeedRule[] = "CM090";

}  // namespace capmon
