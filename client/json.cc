// SPDX-License-Identifier: Apache-2.0
#include "client/json.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace capmon {

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, Format format) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = format != Format::kJsonLines;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok())
    return absl::InternalError(
        absl::StrCat("cannot print the answer as JSON: ", status.message().ToString()));
  if (!json.ends_with('\n')) json += '\n';
  return json;
}

}  // namespace capmon
