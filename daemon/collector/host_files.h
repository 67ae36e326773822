// SPDX-License-Identifier: Apache-2.0
// Reads the capabilities of executed files and the user maps of processes. The running process is
// looked at first; where it is gone already, or not open to capmond, the path in the container's
// root file system; and where the program ran in another root, the places where the mounts show the
// file. The container's root is held open from the first question on: a container often ends right
// after its last program. Nothing is read on file systems that may never answer; the others may
// hang all the same, so this runs in a process that can be abandoned.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>

#include "daemon/collector/file_question.h"
#include "daemon/collector/file_search.h"

namespace capmon {

class HostFiles {
 public:
  // Where the host's proc is mounted.
  explicit HostFiles(std::string proc) : proc_(std::move(proc)) {}

  FileAnswer Answer(const FileQuestion& question);

 private:
  const KeptRoot& RootFor(const FileQuestion& question);

  static constexpr size_t kMaxRoots = 128;  // then all are closed; a descriptor each

  const std::string proc_;
  std::unordered_map<CgroupId, KeptRoot> roots_;
};

}  // namespace capmon
