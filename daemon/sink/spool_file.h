// SPDX-License-Identifier: Apache-2.0
// The database of one spool on disk.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/store/sqlite.h"

namespace capmon {

// Returns the path of a sink's spool: its name is that of the sink, without bytes that a path gives
// a meaning to.
std::string SpoolPath(const std::string& directory, const std::string& sink);

// Whether there can be such a file: its directory exists, and nothing but a regular file has its
// name. Changes nothing.
absl::Status CheckSpoolPlace(const std::string& path);

// Opens or makes the file, with access for its owner only. DATA_LOSS: it is damaged, or no spool.
absl::StatusOr<std::unique_ptr<Database>> OpenSpoolFile(const std::string& path);

}  // namespace capmon
