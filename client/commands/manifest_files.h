// SPDX-License-Identifier: Apache-2.0
// The files that a path means: itself, or those with YAML and JSON below a directory.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace capmon {

inline constexpr size_t kMaxManifestFiles = 10'000;

// Sorted. Follows no links inside a directory and passes over names that begin with a dot.
// INVALID_ARGUMENT where there are more than kMaxManifestFiles, INTERNAL where it cannot be read.
absl::StatusOr<std::vector<std::string>> FilesBelow(const std::string& path);

// The name of the directory that has the file, as Compose names a project: "my_shop.d" is
// "my_shopd".
std::string ProjectOf(const std::string& path);

}  // namespace capmon
