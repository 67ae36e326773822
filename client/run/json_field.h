// SPDX-License-Identifier: Apache-2.0
// Reading JSON of others: what is absent or of another type is empty. Nothing throws.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace capmon {

// Null when there is none.
inline const nlohmann::json* Field(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

inline std::string TextField(const nlohmann::json& object, const char* key) {
  const nlohmann::json* const field = Field(object, key);
  return field != nullptr && field->is_string() ? field->get<std::string>() : "";
}

inline bool FlagField(const nlohmann::json& object, const char* key) {
  const nlohmann::json* const field = Field(object, key);
  return field != nullptr && field->is_boolean() && field->get<bool>();
}

inline int NumberField(const nlohmann::json& object, const char* key) {
  const nlohmann::json* const field = Field(object, key);
  return field != nullptr && field->is_number_integer() ? field->get<int>() : 0;
}

// Members of a list or an object; 0 for anything else.
inline size_t SizeOfField(const nlohmann::json& object, const char* key) {
  const nlohmann::json* const field = Field(object, key);
  return field != nullptr && field->is_structured() ? field->size() : 0;
}

}  // namespace capmon
