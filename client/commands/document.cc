// SPDX-License-Identifier: Apache-2.0
#include "client/commands/document.h"

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/render/artefact/yaml.h"
#include "client/render/document_template.h"
#include "proto/json.h"

namespace capmon {

using nlohmann::ordered_json;

absl::StatusOr<std::string> ToText(const ordered_json& document, OutputFormat format) {
  if (format == Format::kTemplate) return format.document_template().Render(document);
  if (format == Format::kYaml) return ToYaml(document);
  // Replaces bytes that are not UTF-8 instead of throwing.
  return document.dump(format == Format::kJsonLines ? -1 : 1, ' ', false,
                       ordered_json::error_handler_t::replace) +
         "\n";
}

absl::StatusOr<std::string> Serialize(const google::protobuf::Message& message,
                                      OutputFormat format) {
  absl::StatusOr<std::string> json = MessageToJson(message, format != Format::kJsonLines);
  if (!json.ok()) return json;
  return format == Format::kYaml || format == Format::kTemplate
             ? ToText(ordered_json::parse(*json), format)
             : absl::StrCat(*json, "\n");
}

absl::StatusOr<std::string> SerializeItem(const google::protobuf::Message& message,
                                          OutputFormat format) {
  if (format == Format::kTemplate) return Serialize(message, format);
  if (format != Format::kYaml) return Serialize(message, Format::kJsonLines);
  const auto yaml = Serialize(message, format);
  return yaml.ok() ? absl::StrCat("---\n", *yaml) : yaml;
}

absl::Status PrintDocument(const ordered_json& document, OutputFormat format) {
  const auto text = ToText(document, format);
  return text.ok() ? Print(*text) : text.status();
}

}  // namespace capmon
