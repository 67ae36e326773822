// SPDX-License-Identifier: Apache-2.0
// Reads files of other programs without leaving the root: follows no symbolic link below it, reads
// only regular files, and bounds everything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace capmon {

inline constexpr size_t kMaxStateFile = 4 << 20;
inline constexpr size_t kMaxStateEntries = 8192;  // per directory

// `path` is relative to `root` and has no "..". NOT_FOUND: no such file, or not one that may be
// read.
absl::StatusOr<std::string> ReadStateFile(const std::string& root, const std::string& path);
struct StateDirectory {
  std::string name;
  uint64_t inode = 0;  // distinguishes files of the same name
};
absl::StatusOr<std::vector<StateDirectory>> ListStateDirectories(const std::string& root,
                                                                 const std::string& path);

// Returns the user, "1000", who can choose what is at this path: the owner of the first directory
// or link on the way that is neither root's nor capmond's own. "" if there is none.
std::string UserOfPath(const std::string& path);

// Returns true for one path component that does not lead elsewhere.
bool IsFileName(const std::string& name);

}  // namespace capmon
