// SPDX-License-Identifier: Apache-2.0
// An alert: what capmond reports about a container, with all that a receiver needs to act on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/model/capability.h"
#include "daemon/model/container.h"
#include "daemon/model/severity.h"

namespace capmon {

enum class AlertKind { kNewCapability, kDeniedCapability, kFromMemory, kLeftCgroup };

// A technique of MITRE ATT&CK: "T1611", "Escape to Host".
struct Technique {
  std::string id;
  std::string name;

  friend bool operator==(const Technique&, const Technique&) = default;
};

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
// alert that a process left its container's cgroup has no capability: the fields of a check are
// empty.
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
  std::string baseline;     // compared with: "approved", "workload", "container", "" for none
  TimeNs baseline_set = 0;  // 0: there was none
  std::string message;      // one sentence
  std::string next;         // the command that shows the evidence: "capmon explain ..."
  // What could not be read, and why: {"process.command_line", "the process had ended"}.
  std::vector<std::pair<std::string, std::string>> unread;
};

// "new_capability", "denied_capability", "from_memory", "left_cgroup".
const char* Name(AlertKind kind);

}  // namespace capmon
