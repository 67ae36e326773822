// SPDX-License-Identifier: Apache-2.0
// The privileges a file gives when it is executed, and their description.
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
  bool nosuid = false;  // its mount gives nothing
};

// One sentence. Pure.
std::string MeaningOf(const ModeAndOwner& file, const std::optional<FileCapabilities>& carried);

// Nothing for a file without privileges: no set-user-ID or set-group-ID bit and no capabilities.
std::optional<v1::PrivilegedFile> Privileged(const std::string& path, const ModeAndOwner& file,
                                             const std::optional<FileCapabilities>& carried);

}  // namespace capmon
