// SPDX-License-Identifier: Apache-2.0
// /proc/PID/mountinfo: names of mount points and roots are chosen by the user who mounts.
#include "daemon/attribution/cgroup_mounts.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const CgroupMounts mounts = ParseCgroupMounts(AsText(data, size));
  if (const auto watched = HierarchyToWatch(mounts))
    Require(!watched->mount.point.empty(), "what is watched is mounted somewhere");
  return 0;
}
