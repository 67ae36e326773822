// SPDX-License-Identifier: Apache-2.0
// The directory of one daemon's state: whose it is, and what lies in it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

class StateDir {
 public:
  // Makes it when missing (0700) and locks it until the object goes. FAILED_PRECONDITION when
  // another capmond has it.
  static absl::StatusOr<StateDir> Claim(const std::string& path);

  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/capmon.db"; }
  // Renames the database so that its name says when; the new name.
  absl::StatusOr<std::string> SetAside() const;
  // Removes all of capmon's files, and the directory if that leaves it empty; what was removed.
  absl::StatusOr<std::vector<std::string>> Remove();

 private:
  StateDir(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  UniqueFd lock_;
};

}  // namespace capmon
