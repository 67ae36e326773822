// SPDX-License-Identifier: Apache-2.0
// What already exists when capmond starts, as ordinary events marked `existing`. The programs are
// attached before, so nothing falls between. The root paths are arguments: a temporary directory
// can be a host.
#pragma once

#include <string>

#include "daemon/collector/kernel_source.h"

namespace capmon {

struct HostRoots {
  std::string cgroup_mount;  // where the hierarchy in use is mounted
  std::string proc = "/proc";
};

// One CgroupMade per cgroup, and one ProcessExec for the first process of each cgroup that has any.
// False when there are some it could not look at.
bool ScanHost(const HostRoots& roots, TimeNs now, const KernelEventSink& sink);

}  // namespace capmon
