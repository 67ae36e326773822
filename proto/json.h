// SPDX-License-Identifier: Apache-2.0
// The JSON of the API's messages: names as in capmon.proto, default values printed. The same
// message always gives the same bytes, maps included.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace capmon {

// Without a newline at the end; `lines`: with line breaks and indentation.
absl::StatusOr<std::string> MessageToJson(const google::protobuf::Message& message, bool lines);

}  // namespace capmon
