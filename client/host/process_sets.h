// SPDX-License-Identifier: Apache-2.0
// The capability sets of one process or thread, read from /proc.
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
  uint32_t uid = 0, gid = 0;     // effective ids, in capmon's user namespace

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
  std::vector<Thread> differing;  // threads with other sets than the main thread
};

// Parses the text of /proc/N/status. Nothing if the sets are missing: truncated, or another file.
std::optional<Thread> ParseStatus(std::string_view text);

// NOT_FOUND if there is no such process, PERMISSION_DENIED if /proc hides it. Accepts a thread's
// number, and then compares the others with that thread. Reads at most kMaxThreads.
inline constexpr size_t kMaxThreads = 4096;
absl::StatusOr<Process> ReadProcess(pid_t pid, const std::string& proc = "/proc");

}  // namespace capmon
