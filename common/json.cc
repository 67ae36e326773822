// SPDX-License-Identifier: Apache-2.0
#include "common/json.h"

namespace capmon {

using Json = nlohmann::json;
using Keys = std::initializer_list<const char*>;

namespace {

// Deeper than any runtime nests. The parser uses the heap, but destroying and copying its result is
// recursive.
constexpr int kMaxDepth = 64;

}  // namespace

Json ParseJson(const std::string& text) {
  bool too_deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return depth <= kMaxDepth;
  };
  Json json = Json::parse(text, shallow, /*allow_exceptions=*/false);
  return too_deep ? Json(Json::value_t::discarded) : json;
}

const Json* At(const Json& json, Keys keys) {
  const Json* value = &json;
  for (const char* key : keys) {
    const auto found = value->find(key);  // end() unless it is an object
    if (found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

std::string TextAt(const Json& json, Keys keys) {
  const Json* const value = At(json, keys);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

bool FlagAt(const Json& json, Keys keys) {
  const Json* const value = At(json, keys);
  return value != nullptr && *value == true;
}

int NumberAt(const Json& json, Keys keys) {
  const Json* const value = At(json, keys);
  return value != nullptr && value->is_number_integer() ? value->get<int>() : 0;
}

size_t SizeAt(const Json& json, Keys keys) {
  const Json* const value = At(json, keys);
  return value != nullptr && value->is_structured() ? value->size() : 0;
}

}  // namespace capmon
