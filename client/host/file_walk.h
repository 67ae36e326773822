// SPDX-License-Identifier: Apache-2.0
// Walks every file below a directory. Follows no link and never leaves the directory. Skips file
// systems without programs of a container (proc, sysfs, ...) and mounts that may never answer;
// other mounts may hang as well.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "client/host/privileged_file.h"
#include "common/mount_table.h"

namespace capmon {

struct WalkLimits {
  uint64_t max_files = 1'000'000;  // files and directories
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  MountTable mounts;  // possible mounts below
};

struct WalkResult {
  uint64_t examined = 0;
  std::map<std::string, uint64_t> skipped;  // by cause
  bool complete = true;                     // false: a limit was reached
};

struct FileFound {
  int directory;            // open; the file's directory
  const std::string& name;  // in that directory
  const std::string& path;  // below the root, begins with "/"
  ModeAndOwner owner;       // does not examine its mount
};

// Calls `found` for every regular file and `tick` now and then. Borrows `root`, an open directory.
// Skips files that vanish meanwhile.
WalkResult WalkFiles(int root, const WalkLimits& limits,
                     const std::function<void(const FileFound&)>& found,
                     const std::function<void(uint64_t examined)>& tick = {});

}  // namespace capmon
