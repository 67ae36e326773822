// SPDX-License-Identifier: Apache-2.0
// Opens files that a command line names. What is there may be anything: a pipe nobody writes to, a
// device without an end, a directory.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

// Opens a regular file for reading; never waits. NOT_FOUND where there is none; INVALID_ARGUMENT
// for another kind of file, and for one that may not be read.
absl::StatusOr<UniqueFd> OpenRegularFile(const std::string& path);

// All of it. INVALID_ARGUMENT, also for more than `limit` bytes.
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t limit);

struct WritableFile {
  UniqueFd fd;        // not blocking, as far as that makes a difference
  bool made = false;  // it was not there before
};

// Opens for appending, and makes it with `mode` when missing; never waits. UNAVAILABLE for a pipe
// that nobody reads.
absl::StatusOr<WritableFile> OpenToAppend(const std::string& path, unsigned mode);

}  // namespace capmon
