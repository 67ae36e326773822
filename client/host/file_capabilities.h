// SPDX-License-Identifier: Apache-2.0
// The capabilities a file carries in its attribute security.capability.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/model/capability.h"

namespace capmon {

struct FileCapabilities {
  uint32_t version = 0;    // 1 to 3
  bool effective = false;  // the program starts with its capabilities switched on
  CapabilitySet permitted, inheritable;
  uint32_t rootid = 0;  // they count in user namespaces with this root outside; 0: the host's

  friend bool operator==(const FileCapabilities&, const FileCapabilities&) = default;
};

// Of the regular file `name` in the open directory; a link is not followed. Nothing where there are
// none.
absl::StatusOr<std::optional<FileCapabilities>> ReadFileCapabilities(int directory,
                                                                     const std::string& name);

}  // namespace capmon
