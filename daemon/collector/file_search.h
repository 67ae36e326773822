// SPDX-License-Identifier: Apache-2.0
// Finds an executed file and reads its capabilities. Each place is looked at step by step, and
// never on a file system that may never answer.
#pragma once

#include <optional>
#include <string>

#include "common/mount_table.h"
#include "daemon/base/unique_fd.h"
#include "daemon/collector/file_question.h"

namespace capmon {

// The root file system of a container. Its mount is known also when no process of it runs.
struct KeptRoot {
  UniqueFd directory;
  int mount_id = -1;
  std::optional<Mount> mount;
};

// `proc`: where the host's proc is mounted. `kept`: the container's root as it was found before.
FileAnswer FindFile(const std::string& proc, const FileQuestion& question, const KeptRoot& kept);

}  // namespace capmon
