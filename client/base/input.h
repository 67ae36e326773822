// SPDX-License-Identifier: Apache-2.0
// Reads text of a bounded size.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace capmon {

inline constexpr char kStandardInput[] = "-";

// Returns the text of a regular file or pipe, or of standard input for "-". INVALID_ARGUMENT if it
// has more than `most` bytes, INTERNAL if it cannot be read.
absl::StatusOr<std::string> ReadInput(const std::string& path, size_t most);

}  // namespace capmon
