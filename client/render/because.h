// SPDX-License-Identifier: Apache-2.0
// Advice with its reason, as every page and table shows it.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace capmon {

inline std::string Because(const std::string& advice, const std::string& reason) {
  return reason.empty() ? advice : absl::StrCat(advice, ", ", reason);
}

}  // namespace capmon
