// SPDX-License-Identifier: Apache-2.0
// What the container's seccomp filter makes of its capabilities: an engine's default filter lets
// some system calls through only for containers that are given a certain one.
#pragma once

#include <string>
#include <vector>

#include "daemon/profile/profile.h"

namespace capmon {

// One gated call that the workload made and that got through.
struct GateNeed {
  CapabilitySet any;   // of what the container holds, each opens the gate
  std::string reason;  // one sentence
};
std::vector<GateNeed> GateNeedsOf(const Profile& profile);

// The held capabilities that the container's filter asks for in calls that no check shows.
CapabilitySet SilentlyGated(const Profile& profile);

// What the filter asks for calls that may have been made while system calls were not watched. Only
// watching shows these calls: the kernel checks nothing in them.
struct UnwatchedGates {
  CapabilitySet capabilities;  // held, and each opens a gate of the filter
  std::string reason;          // a clause; empty where there are none
};
UnwatchedGates UnwatchedGatesOf(const Profile& profile);

// Gated calls that the filter refused: not for want of a right the kernel asked for.
struct FilteredCall {
  std::string syscall;
  std::string comm;
  CapabilitySet opens;  // each would open the gate
};
std::vector<FilteredCall> FilteredCallsOf(const Profile& profile);

// What cannot be known of the filter, and what it refused; one sentence each. `keep` is what is
// recommended otherwise.
std::vector<std::string> FilterWarnings(const Profile& profile, CapabilitySet keep);

}  // namespace capmon
