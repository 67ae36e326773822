// SPDX-License-Identifier: Apache-2.0
// Root file systems for containers, made locally from three static programs.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace capmon {

// /bin/trigger and the files for its actions, with certain owners and modes.
absl::Status MakeTriggerRootfs(const std::string& rootfs);
// /bin/busybox under all its names, and the users root and worker (1000).
absl::Status MakeBusyboxRootfs(const std::string& rootfs);
// /bin/walker and an empty /mnt.
absl::Status MakeWalkerRootfs(const std::string& rootfs);

// Gives a file this capability, permitted and, if so, effective.
bool Carry(const std::string& file, int capability, bool effective);

}  // namespace capmon
