// SPDX-License-Identifier: Apache-2.0
// Every file below a directory of any origin: follows no link and never leaves the directory. What
// holds no files of a container (proc, sysfs, ...) is left alone, and so are mounts that may never
// answer. Others may hang all the same.
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
  MountTable mounts;  // what may be mounted below
};

struct WalkResult {
  uint64_t looked_at = 0;
  std::map<std::string, uint64_t> skipped;  // by cause
  bool complete = true;                     // false: a limit was met
};

struct FileFound {
  int directory;            // open, of the file
  const std::string& name;  // in it
  const std::string& path;  // below the root, begins with "/"
  ModeAndOwner owner;       // its mount is not looked at
};

// Calls `found` for every regular file and `tick` now and then. `root` is an open directory and is
// only borrowed. Files that vanish meanwhile are passed over.
WalkResult WalkFiles(int root, const WalkLimits& limits,
                     const std::function<void(const FileFound&)>& found,
                     const std::function<void(uint64_t looked_at)>& tick = {});

}  // namespace capmon
