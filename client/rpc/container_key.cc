// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/container_key.h"

namespace capmon {

std::string ReferenceTo(const v1::Container& container) {
  if (container.has_ended() && !container.id().empty()) return container.id();
  return "cgroup:" + container.cgroup_path();
}

}  // namespace capmon
