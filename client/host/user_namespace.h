// SPDX-License-Identifier: Apache-2.0
// Whose user namespace a process is in: what its capabilities count for.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace capmon {

struct UserNamespace {
  enum class Kind { kHost, kOwn, kUnknown };
  Kind kind = Kind::kUnknown;
  uint32_t level = 0;            // namespaces between it and the host's, itself included
  std::vector<std::string> map;  // "0 100000 65536": first inside, first outside, how many
};

// What may not be read stays unknown: the link takes the right to trace the process, the map none.
UserNamespace ReadUserNamespace(pid_t pid, const std::string& proc = "/proc");

// The number inside for one outside, by such a map; nothing where it has none.
std::optional<uint32_t> IdInside(const std::vector<std::string>& map, uint32_t outside);

}  // namespace capmon
