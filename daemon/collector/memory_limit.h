// SPDX-License-Identifier: Apache-2.0
// How much memory the cgroups of this process allow it: the limit of a pod, a container or a unit.
// The kernel charges maps to them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace capmon {

// Returns the files that may have limits of a process, from the texts of its /proc/PID/cgroup and
// /proc/PID/mountinfo: for its cgroup and each above it that a mount shows. Most do not exist.
// Pure.
std::vector<std::string> MemoryLimitFiles(std::string_view cgroups, std::string_view mountinfo);

// Returns the least limit in these files, in bytes; UINT64_MAX if there is none.
uint64_t LeastLimit(const std::vector<std::string>& files);

// Returns the limit of this process; UINT64_MAX if it has none, or none that it can see.
uint64_t MemoryLimit();

}  // namespace capmon
