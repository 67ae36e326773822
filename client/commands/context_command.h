// SPDX-License-Identifier: Apache-2.0
// `capmon context`: the named addresses of the user's file.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/base/settings.h"

namespace capmon {

// `words`: nothing or "list"; or "use" and a name, which makes that one the current one.
absl::Status ContextCommand(const Settings& settings, const std::vector<std::string>& words);

}  // namespace capmon
