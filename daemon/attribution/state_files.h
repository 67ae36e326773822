// SPDX-License-Identifier: Apache-2.0
// Reading what others left in a directory, without being led out of it: no symbolic link below the
// root is followed, nothing but regular files is read, and nothing without a limit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace capmon {

inline constexpr size_t kMaxStateFile = 4 << 20;
inline constexpr size_t kMaxStateEntries = 8192;  // of one directory

// `path` is relative to `root` and has no "..". NOT_FOUND: no such file, or not one to be read.
absl::StatusOr<std::string> ReadStateFile(const std::string& root, const std::string& path);
struct StateDirectory {
  std::string name;
  uint64_t inode = 0;  // distinguishes it from another file of its name
};
absl::StatusOr<std::vector<StateDirectory>> ListStateDirectories(const std::string& root,
                                                                 const std::string& path);

// One component of a path, and none that leads elsewhere.
bool IsFileName(const std::string& name);

}  // namespace capmon
