// SPDX-License-Identifier: Apache-2.0
// Text out, and nothing lost on the way unnoticed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace capmon {

// Writes all of it, now. CANCELLED when the reader has gone (the caller ignores SIGPIPE).
absl::Status Write(int fd, std::string_view text);
absl::Status Print(std::string_view text);  // to standard output
// Replaces what the file held.
absl::Status WriteFile(const std::string& path, std::string_view text);
// Lines on standard error that are no failure.
void Remark(const std::vector<std::string>& lines);
// "capmon: SENTENCE" on standard error.
void Complain(std::string_view sentence);

}  // namespace capmon
