// SPDX-License-Identifier: Apache-2.0
#include "client/commands/decode.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/document.h"

namespace capmon {
namespace {

using nlohmann::ordered_json;

ordered_json ToJson(const Mask& mask) {
  ordered_json object;
  if (!mask.set.empty()) object["set"] = mask.set;
  object["mask"] = MaskText(mask.value);
  object["capabilities"] = ordered_json::array();
  for (const Capability c : mask.value.members())
    object["capabilities"].push_back(CapabilityName(c));
  return object;
}

}  // namespace

absl::StatusOr<std::string> MasksDocument(const std::vector<Mask>& masks, OutputFormat format) {
  std::string lines;
  auto list = ordered_json::array();
  for (const Mask& mask : masks) {
    list.push_back(ToJson(mask));
    if (format == Format::kJsonLines) absl::StrAppend(&lines, list.back().dump(), "\n");
  }
  if (format == Format::kJsonLines) return lines;
  const bool alone = masks.size() == 1 && masks[0].set.empty();
  return ToText(alone ? list[0] : ordered_json{{"masks", list}}, format);
}

absl::StatusOr<std::string> Decoded(const std::vector<Mask>& masks, OutputFormat format) {
  if (IsDocument(format)) return MasksDocument(masks, format);
  std::string text;
  for (const Mask& mask : masks) {
    std::vector<std::string> names;
    for (const Capability c : mask.value.members()) names.push_back(CapabilityName(c));
    if (!mask.set.empty()) absl::StrAppend(&text, mask.set, ": ");
    absl::StrAppend(&text, MaskText(mask.value), "=", absl::StrJoin(names, ","), "\n");
  }
  return text;
}

}  // namespace capmon
