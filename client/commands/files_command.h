// SPDX-License-Identifier: Apache-2.0
// `capmon files`: what inside a container, or below a directory, gives privileges when executed.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"
#include "client/host/file_walk.h"

namespace capmon {

struct FilesOptions {
  std::string where;  // a directory when it begins with / or ., else a process or container
  uint64_t max_files = WalkLimits().max_files;
  int max_time = 120;  // seconds
};

// The exit code: incomplete when a limit was met.
absl::StatusOr<int> ShowFiles(const Settings& settings, const FilesOptions& options);

// Everything privileged below the open directory: reports each file, and now and then how many were
// looked at; returns the rest of the listing. At most kMaxListed files; more are counted.
inline constexpr int kMaxListed = 10'000;
v1::FileListing ListPrivilegedFiles(int root, const WalkLimits& limits,
                                    const std::function<void(const v1::FileListing&)>& report);

}  // namespace capmon
