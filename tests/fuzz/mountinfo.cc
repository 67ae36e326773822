// SPDX-License-Identifier: Apache-2.0
// /proc/PID/mountinfo: mount points and roots are named by those who mount.
#include "daemon/attribution/cgroup_mounts.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const CgroupMounts mounts = ParseCgroupMounts(AsText(data, size));
  if (const auto watched = HierarchyToWatch(mounts))
    Require(!watched->mount.point.empty(), "what is watched is mounted somewhere");
  return 0;
}
