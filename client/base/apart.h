// SPDX-License-Identifier: Apache-2.0
// Runs what a file system may hold up for ever in a process of its own. That one holds nothing of
// this process's, so that this one ends when it wants to, and leaves the other behind if need be.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace capmon {

// Sends a message to the process that waits.
using SendMessage = std::function<void(const std::string&)>;
inline constexpr size_t kMaxApartMessage = 65536;

// Runs `work` apart and passes what it sends to `heard`, until it has ended or the deadline has
// passed. False: it has not ended.
absl::StatusOr<bool> RunApart(const std::function<void(const SendMessage&)>& work,
                              const std::function<void(const std::string&)>& heard,
                              std::chrono::steady_clock::time_point deadline);

}  // namespace capmon
