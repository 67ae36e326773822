// SPDX-License-Identifier: Apache-2.0
// Kernel events as text, one per line: the recording format (docs/recording-format.md).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

// First line of every recording.
inline constexpr std::string_view kRecordingHeader = "capmon-recording 1";

// Without the newline. Members with default values are left out.
std::string ToText(const KernelEvent& event);
// INVALID_ARGUMENT naming what is wrong: unknown event, unknown member, malformed value.
absl::StatusOr<KernelEvent> FromText(std::string_view line);

}  // namespace capmon
