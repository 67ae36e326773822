// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/tolerant_json.h"

namespace capmon {

using Json = nlohmann::json;

std::string Bounded(std::string text) {
  if (text.size() <= kMaxDescribedBytes) return text;
  size_t end = kMaxDescribedBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

std::string Text(const Json& json, std::initializer_list<const char*> keys) {
  return Bounded(TextAt(json, keys));
}

std::map<std::string, std::string> Texts(const Json& json,
                                         std::initializer_list<const char*> keys) {
  std::map<std::string, std::string> texts;
  const Json* object = At(json, keys);
  if (object == nullptr || !object->is_object()) return texts;
  for (const auto& [key, value] : object->items()) {
    if (texts.size() >= kMaxDescribedLabels) break;
    if (value.is_string()) texts.emplace(Bounded(key), Bounded(value.get<std::string>()));
  }
  return texts;
}

std::vector<std::string> TextList(const Json& json, std::initializer_list<const char*> keys) {
  std::vector<std::string> texts;
  const Json* list = At(json, keys);
  if (list == nullptr || !list->is_array()) return texts;
  for (const Json& value : *list)
    if (value.is_string()) texts.push_back(value.get<std::string>());
  return texts;
}

}  // namespace capmon
