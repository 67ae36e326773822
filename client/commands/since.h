// SPDX-License-Identifier: Apache-2.0
// A point in the past, as kubectl logs and docker logs are given one. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace capmon {

// "10m", "1h30m", "2d", or "2026-11-29T10:00:00Z": seconds since the epoch. `now` likewise.
absl::StatusOr<int64_t> ParseSince(const std::string& text, int64_t now);

}  // namespace capmon
