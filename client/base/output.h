// SPDX-License-Identifier: Apache-2.0
// Writes text and reports every error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace capmon {

// Writes all of `text` at once. CANCELLED if the reader closed the output (the caller ignores
// SIGPIPE).
absl::Status Write(int fd, std::string_view text);
absl::Status Print(std::string_view text);  // to standard output
// Replaces the content of the file.
absl::Status WriteFile(const std::string& path, std::string_view text);
// Prints lines on standard error that are no failure.
void PrintNotes(const std::vector<std::string>& lines);
// Prints "capmon: SENTENCE" on standard error.
void PrintError(std::string_view sentence);

}  // namespace capmon
