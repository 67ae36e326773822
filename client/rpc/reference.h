// SPDX-License-Identifier: Apache-2.0
// Resolves references with process numbers, which mean something only on this machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace capmon {

// Turns "pid:N" and "self" into "cgroup:/path"; returns anything else unchanged.
absl::StatusOr<std::string> ResolveReference(const std::string& reference,
                                             const std::string& proc = "/proc");

// Parses /proc/N/cgroup: the path in the hierarchy that capmond watches.
std::optional<std::string> CgroupPathIn(std::string_view text);

}  // namespace capmon
