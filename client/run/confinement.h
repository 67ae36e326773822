// SPDX-License-Identifier: Apache-2.0
// Giving up capabilities for good, as a container runtime does before it starts a program.
#pragma once

#include "absl/status/status.h"
#include "daemon/model/capability.h"

namespace capmon {

struct Confinement {
  CapabilitySet keep;
  bool no_new_privileges = false;
};

// PERMISSION_DENIED when we do not hold all of it ourselves, or may not give up the rest.
absl::Status CanConfine(CapabilitySet keep);

// From here on this process and what it executes have these capabilities at most. The user stays.
// Returns an errno. Allocates nothing: for a child between fork and exec.
int Confine(const Confinement& confinement);

}  // namespace capmon
