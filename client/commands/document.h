// SPDX-License-Identifier: Apache-2.0
// Answers as documents for programs: JSON with names as in capmon.proto and default values printed,
// or the same as YAML.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "google/protobuf/message.h"

namespace capmon {

// One document and a newline; on one line for kJsonLines.
std::string Spelled(const nlohmann::ordered_json& document, Format format);
absl::StatusOr<std::string> DocumentOf(const google::protobuf::Message& message, Format format);
// One of many documents that follow each other.
absl::StatusOr<std::string> ItemOf(const google::protobuf::Message& message, Format format);

}  // namespace capmon
