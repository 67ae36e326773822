// SPDX-License-Identifier: Apache-2.0
// Opens files given on a command line. The path may be anything: a pipe without a writer, an
// endless device, a directory.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

// Opens a regular file for reading; never waits. NOT_FOUND: there is no file. INVALID_ARGUMENT:
// another kind of file, or no permission.
absl::StatusOr<UniqueFd> OpenRegularFile(const std::string& path);

// Reads the whole file. INVALID_ARGUMENT as above, and for more than `limit` bytes.
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t limit);

struct WritableFile {
  UniqueFd fd;        // non-blocking, if that makes a difference
  bool made = false;  // this call created it
};

// Opens for appending; creates a missing file with `mode`; never waits. UNAVAILABLE for a pipe
// without a reader.
absl::StatusOr<WritableFile> OpenToAppend(const std::string& path, unsigned mode);

}  // namespace capmon
