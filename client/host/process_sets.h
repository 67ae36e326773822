// SPDX-License-Identifier: Apache-2.0
// The sets of one process or thread, read from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/capability.h"

namespace capmon {

struct ProcessSets {
  CapabilitySet effective, permitted, inheritable, bounding, ambient;
  bool no_new_privs = false;
  std::string seccomp = "none";  // "strict", "filter"
  uint32_t uid = 0, gid = 0;     // effective, as our own user namespace numbers them

  friend bool operator==(const ProcessSets&, const ProcessSets&) = default;
};

struct Thread {
  pid_t tid = 0;
  std::string comm;  // bytes chosen by the process
  ProcessSets sets;
};

struct Process {
  Thread main;
  uint64_t threads = 0;
  std::vector<Thread> differing;  // threads that do not hold what the main thread holds
};

// From the text of /proc/N/status. Nothing where the sets are missing: a truncated text, or not one
// of a process.
std::optional<Thread> ParseStatus(std::string_view text);

// NOT_FOUND when there is no such process (any more), PERMISSION_DENIED when /proc hides it. The
// number of a thread will do, and is then what others differ from. Reads kMaxThreads at most.
inline constexpr size_t kMaxThreads = 4096;
absl::StatusOr<Process> ReadProcess(pid_t pid, const std::string& proc = "/proc");

}  // namespace capmon
