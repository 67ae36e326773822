// SPDX-License-Identifier: Apache-2.0
// Cgroup paths: users who may create a cgroup choose its name.
#include "daemon/attribution/cgroup_path.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const std::string_view path = AsText(data, size);
  const CgroupIdentity identity = IdentifyCgroup(path);
  for (const char c : identity.cgroup_path + identity.inner + identity.id)
    Require(static_cast<unsigned char>(c) >= ' ' && c != 0x7f, "no control characters come out");
  const std::string of_container = ContainerPath(path);
  Require(of_container.empty() || of_container[0] == '/', "a path begins with a slash");
  return 0;
}
