// SPDX-License-Identifier: Apache-2.0
// The default seccomp filter of Docker and containerd, as far as capmon needs it: the calls that it
// always allows, and those that it allows only with a capability. It denies everything else.
#pragma once

#include <map>
#include <set>
#include <string>

#include "daemon/model/capability.h"

namespace capmon {

// Calls that are always allowed. Without io_uring, which Docker denies since version 25, and
// without socket, personality, clone and clone3, which depend on their arguments.
const std::set<std::string>& CallsForAll();

// By the name of a capability: calls that the filter allows only for containers with it, with any
// arguments. If several capabilities allow a call, one of them is enough.
std::map<std::string, std::set<std::string>> CallsOpenedBy(CapabilitySet kept);

}  // namespace capmon
