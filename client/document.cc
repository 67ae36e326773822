// SPDX-License-Identifier: Apache-2.0
#include "client/json.h"

#include "proto/json.h"

namespace capmon {

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, Format format) {
  absl::StatusOr<std::string> json = MessageToJson(message, format != Format::kJsonLines);
  if (json.ok()) *json += '\n';
  return json;
}

}  // namespace capmon
