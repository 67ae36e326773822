// SPDX-License-Identifier: Apache-2.0
// What capmon tells people unasked.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/model/capability.h"
#include "daemon/model/container.h"
#include "daemon/model/severity.h"

namespace capmon {

enum class AlertKind { kNewCapability, kDeniedCapability, kFromMemory, kLeftCgroup };

// One subject keeps one id; later alerts with it only raise `count`. A subject is a kind, a
// container, a capability and, but for code from memory, the kernel function that asked and the
// binary. That a process left its container's cgroup is about no capability: the fields of a check
// are empty.
struct Alert {
  std::string id;
  AlertKind kind = AlertKind::kNewCapability;
  Severity severity = Severity::kInfo;
  TimeNs first = 0;
  TimeNs last = 0;
  uint64_t count = 0;  // checks behind this alert so far
  Capability capability = 0;
  bool granted = false;
  Container container;
  std::string site;
  std::string syscall;
  std::string binary;
  uint32_t pid = 0;
  std::string message;  // one sentence
};

// "new_capability", "denied_capability", "from_memory", "left_cgroup".
const char* Name(AlertKind kind);

}  // namespace capmon
