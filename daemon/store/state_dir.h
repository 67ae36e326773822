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
  enum class Use {
    kKeep,    // capmond writes there and believes what it reads
    kRemove,  // only to remove it: whose it is does not matter
  };
  // Makes it when missing (0700) and locks it until the object goes. FAILED_PRECONDITION when
  // another capmond has it, or when another user than root and this process's could put something
  // else in its place or in it: a link, another's directory, a mode that lets others write.
  static absl::StatusOr<StateDir> Claim(const std::string& path, Use use = Use::kKeep);

  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/capmon.db"; }
  // Renames the database so that its name says when; the new name.
  absl::StatusOr<std::string> SetAside() const;
  // Removes all of capmon's files; what was removed.
  absl::StatusOr<std::vector<std::string>> RemoveFiles();
  // The same, and the directory if that leaves it empty.
  absl::StatusOr<std::vector<std::string>> Remove();

 private:
  StateDir(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  // Its files are regular ones that nobody else may read or write; the database is made so.
  absl::Status SecureFiles() const;

  std::string path_;
  UniqueFd lock_;
};

// OK when nobody but root and this process's user can change what `path` leads to, from / on.
// Links on the way are followed where only those two can have made them; the last component may be
// missing, and is no link. FAILED_PRECONDITION with the component otherwise.
absl::Status CheckPrivate(const std::string& path);

}  // namespace capmon
