// SPDX-License-Identifier: Apache-2.0
// References the daemon cannot resolve because process numbers mean something only here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace capmon {

// "pid:N" and "self" become "cgroup:/path"; anything else stays as it is.
absl::StatusOr<std::string> ResolveReference(const std::string& reference,
                                             const std::string& proc = "/proc");

// From the text of /proc/N/cgroup: the path in the hierarchy capmond watches.
std::optional<std::string> CgroupPathIn(std::string_view text);

}  // namespace capmon
