// SPDX-License-Identifier: Apache-2.0
// The capabilities of a file, in its attribute security.capability.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/model/capability.h"

namespace capmon {

struct FileCapabilities {
  uint32_t version = 0;    // 1 to 3
  bool effective = false;  // the program starts with its capabilities in the effective set
  CapabilitySet permitted, inheritable;
  // They count in user namespaces whose root is this user outside; 0: the host's.
  uint32_t rootid = 0;

  friend bool operator==(const FileCapabilities&, const FileCapabilities&) = default;
};

// Reads the capabilities of the regular file `name` in the open directory; follows no link. Nothing
// if it has none.
absl::StatusOr<std::optional<FileCapabilities>> ReadFileCapabilities(int directory,
                                                                     const std::string& name);

}  // namespace capmon
