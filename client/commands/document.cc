// SPDX-License-Identifier: Apache-2.0
#include "client/commands/document.h"

#include "absl/strings/str_cat.h"
#include "client/render/artefact/yaml.h"
#include "proto/json.h"

namespace capmon {

using nlohmann::ordered_json;

std::string ToText(const ordered_json& document, Format format) {
  if (format == Format::kYaml) return ToYaml(document);
  // Replaces bytes that are not UTF-8 instead of throwing.
  return document.dump(format == Format::kJsonLines ? -1 : 1, ' ', false,
                       ordered_json::error_handler_t::replace) +
         "\n";
}

absl::StatusOr<std::string> Serialize(const google::protobuf::Message& message, Format format) {
  absl::StatusOr<std::string> json = MessageToJson(message, format != Format::kJsonLines);
  if (!json.ok()) return json;
  return format == Format::kYaml ? ToYaml(ordered_json::parse(*json)) : absl::StrCat(*json, "\n");
}

absl::StatusOr<std::string> SerializeItem(const google::protobuf::Message& message, Format format) {
  if (format != Format::kYaml) return Serialize(message, Format::kJsonLines);
  const auto yaml = Serialize(message, format);
  return yaml.ok() ? absl::StrCat("---\n", *yaml) : yaml;
}

}  // namespace capmon
