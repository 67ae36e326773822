// SPDX-License-Identifier: Apache-2.0
// The seccomp filter that Docker and containerd give a container unless configured otherwise, as
// far as capmon needs it: what it lets through for all, and what only with a capability. Everything
// else it refuses.
#pragma once

#include <map>
#include <set>
#include <string>

#include "daemon/model/capability.h"

namespace capmon {

// Let through, whatever is held. Not io_uring, which Docker refuses since version 25, and not
// socket, personality, clone and clone3, which depend on their arguments.
const std::set<std::string>& CallsForAll();

// By a capability's name, what the filter lets through only for containers that have it, whatever
// the arguments; one of those that open a call will do.
std::map<std::string, std::set<std::string>> CallsOpenedBy(CapabilitySet kept);

}  // namespace capmon
