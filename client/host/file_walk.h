// SPDX-License-Identifier: Apache-2.0
// Every file below a directory of any origin: follows no link, never leaves the directory, and
// what holds no files of a container (proc, sysfs, ...) is left alone.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace capmon {

struct WalkLimits {
  uint64_t max_files = 1'000'000;  // files and directories
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
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
  const struct stat& stat;
};

// Calls `found` for every regular file and `tick` now and then. `root` is an open directory and is
// only borrowed. Files that vanish meanwhile are passed over.
WalkResult WalkFiles(int root, const WalkLimits& limits,
                     const std::function<void(const FileFound&)>& found,
                     const std::function<void(uint64_t looked_at)>& tick = {});

}  // namespace capmon
