// SPDX-License-Identifier: Apache-2.0
// The seccomp filter that Docker and containerd give a container unless they are told otherwise, as
// far as capmon needs it: what it lets through for all, and what only with a capability. Everything
// else it refuses.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/model/capability.h"

namespace capmon {

// Let through, whatever is held. Not io_uring, which Docker refuses since version 25, and not
// socket, personality, clone and clone3, which depend on their arguments.
const std::set<std::string>& CallsForAll();

struct CallsBehind {
  Capability capability;
  std::vector<const char*> calls;
};
// Let through with a capability; one of those that open it will do.
const std::vector<CallsBehind>& CallsBehindCapabilities();

}  // namespace capmon
