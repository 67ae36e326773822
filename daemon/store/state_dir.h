// SPDX-License-Identifier: Apache-2.0
// The state directory of one daemon: its ownership and its files.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

class StateDir {
 public:
  enum class Use {
    kKeep,    // capmond writes there and believes what it reads
    kRemove,  // only to remove it: any owner is accepted
  };
  // Makes it when missing (0700) and locks it until the object goes. FAILED_PRECONDITION when
  // another capmond has it, or when another user than root and this process's could put something
  // else in its place or in it: a link, another's directory, a mode that lets others write.
  static absl::StatusOr<StateDir> Claim(const std::string& path, Use use = Use::kKeep);

  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/capmon.db"; }
  // Renames the database to a name with the time; returns the new name.
  absl::StatusOr<std::string> SetAside() const;
  // Removes all of capmon's files; what was removed.
  absl::StatusOr<std::vector<std::string>> RemoveFiles();
  // The same, and the directory if that leaves it empty.
  absl::StatusOr<std::vector<std::string>> Remove();

 private:
  StateDir(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  // Its files are regular files with access for their owner only; creates the database so.
  absl::Status SecureFiles() const;

  std::string path_;
  UniqueFd lock_;
};

// OK if only root and this process's user can change any component of `path`.
// Links on the way are followed where only those two can have made them; the last component may be
// missing, and is no link. FAILED_PRECONDITION with the component otherwise.
absl::Status CheckPrivate(const std::string& path);

}  // namespace capmon
