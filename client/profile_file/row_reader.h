// SPDX-License-Identifier: Apache-2.0
// Reads one instance of a profile file.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "client/profile_file/workload_profile.h"
#include "common/yaml/yaml_reader.h"

namespace capmon {

absl::StatusOr<std::pair<InstanceKey, InstanceRow>> ReadRow(const YamlValue& value,
                                                            const std::string& file);

// "2026-01-31T12:00:00Z"
bool IsTimeOfFile(const std::string& text);

// Verdicts that a file accepts as a need, and as no need.
bool IsNeedOfFile(Verdict verdict);
bool IsNoNeedOfFile(Verdict verdict);

}  // namespace capmon
