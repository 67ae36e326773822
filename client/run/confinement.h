// SPDX-License-Identifier: Apache-2.0
// Drops capabilities for good, as a container runtime does before it starts a program.
#pragma once

#include "absl/status/status.h"
#include "daemon/model/capability.h"

namespace capmon {

struct Confinement {
  CapabilitySet keep;
  bool no_new_privileges = false;
};

// PERMISSION_DENIED if this process does not hold all of `keep`, or may not drop the rest.
absl::Status CanConfine(CapabilitySet keep);

// Limits this process and what it executes to these capabilities. Keeps the user. Returns an errno.
// Allocates nothing: for a child between fork and exec.
int Confine(const Confinement& confinement);

}  // namespace capmon
