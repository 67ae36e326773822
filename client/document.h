// SPDX-License-Identifier: Apache-2.0
// The JSON of the API's messages: names as in capmon.proto, default values printed.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/settings.h"
#include "google/protobuf/message.h"

namespace capmon {

// One document and a newline; on one line for kJsonLines.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, Format format);

}  // namespace capmon
