// SPDX-License-Identifier: Apache-2.0
// The user namespace of a process: its capabilities count only there.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace capmon {

struct UserNamespace {
  enum class Kind { kHost, kOwn, kUnknown };
  Kind kind = Kind::kUnknown;
  uint32_t level = 0;            // depth below the host's namespace; 0: the host's
  std::vector<std::string> map;  // "0 100000 65536": first inside, first outside, how many
};

// Leaves unknown what may not be read: the link needs permission to trace the process, the map does
// not.
UserNamespace ReadUserNamespace(pid_t pid, const std::string& proc = "/proc");

// Translates an id outside to the id inside by such a map; nothing if it is not mapped.
std::optional<uint32_t> IdInside(const std::vector<std::string>& map, uint32_t outside);

}  // namespace capmon
