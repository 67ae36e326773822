// SPDX-License-Identifier: Apache-2.0
// Answers as documents for programs: JSON with the field names of capmon.proto and with default
// values, or the same as YAML.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "google/protobuf/message.h"

namespace capmon {

// Returns one document and a newline; one line for kJsonLines.
std::string ToText(const nlohmann::ordered_json& document, Format format);
absl::StatusOr<std::string> Serialize(const google::protobuf::Message& message, Format format);
// Returns one document of a stream.
absl::StatusOr<std::string> SerializeItem(const google::protobuf::Message& message, Format format);

}  // namespace capmon
