// SPDX-License-Identifier: Apache-2.0
// Answers as documents for programs: JSON with the field names of capmon.proto and with default
// values, the same as YAML, or what a template takes from it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "google/protobuf/message.h"

namespace capmon {

// Returns one document and a newline; one line for kJsonLines. INVALID_ARGUMENT for a template that
// does not fit the document.
absl::StatusOr<std::string> ToText(const nlohmann::ordered_json& document, OutputFormat format);
absl::StatusOr<std::string> Serialize(const google::protobuf::Message& message,
                                      OutputFormat format);
// Returns one document of a stream.
absl::StatusOr<std::string> SerializeItem(const google::protobuf::Message& message,
                                          OutputFormat format);
absl::Status PrintDocument(const nlohmann::ordered_json& document, OutputFormat format);

}  // namespace capmon
