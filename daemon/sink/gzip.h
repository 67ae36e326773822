// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace capmon {

absl::StatusOr<std::string> Gzip(const std::string& text);

}  // namespace capmon
