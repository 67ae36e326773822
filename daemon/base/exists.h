// SPDX-License-Identifier: Apache-2.0
// Whether a directory has an entry of this name.
#pragma once

#include <sys/stat.h>

#include <string>

namespace capmon {

// Returns true also for a symbolic link that leads nowhere.
inline bool Exists(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0;
}

}  // namespace capmon
