// SPDX-License-Identifier: Apache-2.0
// `capmon files`: lists programs in a container or directory that give privileges when executed.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"
#include "client/host/file_walk.h"

namespace capmon {

struct FilesOptions {
  std::string where;  // a directory if it begins with / or ., else a process or container
  uint64_t max_files = WalkLimits().max_files;
  int max_time = 120;  // seconds
};

// Returns the exit code: incomplete if a limit was reached.
absl::StatusOr<int> ShowFiles(const Settings& settings, const FilesOptions& options);

// Reports every privileged file below the open directory, and now and then how many files were
// examined; returns the rest of the listing. Reports at most kMaxListed files and counts the
// others.
inline constexpr int kMaxListed = 10'000;
v1::FileListing ListPrivilegedFiles(int root, const WalkLimits& limits,
                                    const std::function<void(const v1::FileListing&)>& report);

}  // namespace capmon
