// SPDX-License-Identifier: Apache-2.0
// An alert.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/model/capability.h"
#include "daemon/model/container.h"
#include "daemon/model/severity.h"

namespace capmon {

enum class AlertKind { kNewCapability, kDeniedCapability, kFromMemory, kLeftCgroup };

// A subject has one id; later alerts about it only raise `count`. The subject is a kind, a
// container, a capability and, except for code from memory, the kernel function and the binary. An
// alert that a process left its container's cgroup has no capability: the fields of a check are
// empty.
struct Alert {
  std::string id;
  AlertKind kind = AlertKind::kNewCapability;
  Severity severity = Severity::kInfo;
  TimeNs first = 0;
  TimeNs last = 0;
  uint64_t count = 0;  // checks behind this alert
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
