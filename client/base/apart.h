// SPDX-License-Identifier: Apache-2.0
// Runs work that a file system may delay for ever in a second process. That process holds no
// descriptor of this one, so this process can end at any time and leave it behind.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace capmon {

// Sends a message to the waiting process.
using SendMessage = std::function<void(const std::string&)>;
inline constexpr size_t kMaxApartMessage = 65536;

// Runs `work` in a second process and passes what it sends to `heard`, until it has ended or the
// deadline has passed. Returns false if it has not ended.
absl::StatusOr<bool> RunApart(const std::function<void(const SendMessage&)>& work,
                              const std::function<void(const std::string&)>& heard,
                              std::chrono::steady_clock::time_point deadline);

}  // namespace capmon
