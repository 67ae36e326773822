// SPDX-License-Identifier: Apache-2.0
// The privileges that executing a file gives, and their description.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "capmon/v1/capmon.pb.h"
#include "client/host/file_capabilities.h"

namespace capmon {

struct ModeAndOwner {
  mode_t mode = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  bool nosuid = false;  // mounted nosuid: gives nothing
};

// Returns one sentence. Pure.
std::string MeaningOf(const ModeAndOwner& file, const std::optional<FileCapabilities>& carried);

// Returns nothing for a file without set-user-ID bit, set-group-ID bit and capabilities.
std::optional<v1::PrivilegedFile> Privileged(const std::string& path, const ModeAndOwner& file,
                                             const std::optional<FileCapabilities>& carried);

}  // namespace capmon
