// SPDX-License-Identifier: Apache-2.0
// Cgroups that a container runtime made at our request. Paths begin with "/" and are below the
// root of the hierarchy as it is mounted here.
#pragma once

#include <string>

namespace capmon {

// "/above/name" for "/name", if only a part of the hierarchy is mounted here.
std::string PathAsCapmondSees(const std::string& cgroup);

// Kills all processes in the cgroup and below. Does nothing if it does not exist.
void KillCgroup(const std::string& cgroup);
// Does nothing while it has processes; waits a moment for killed ones.
void RemoveCgroup(const std::string& cgroup);

// Kills and removes those named COMMAND-NUMBER-PID of a capmon that has ended without that.
void RemoveAbandonedCgroups(const std::string& command);

}  // namespace capmon
