// SPDX-License-Identifier: Apache-2.0
// Reads JSON of other programs: a value that is absent or of another type is empty, and nothing
// throws.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

namespace capmon {

// Returns a discarded value, neither object nor array, for text that is no JSON or nested too
// deeply.
nlohmann::json ParseJson(const std::string& text);

// Returns the value at a path of keys, or null.
const nlohmann::json* At(const nlohmann::json& json, std::initializer_list<const char*> keys);

std::string TextAt(const nlohmann::json& json, std::initializer_list<const char*> keys);
bool FlagAt(const nlohmann::json& json, std::initializer_list<const char*> keys);
int NumberAt(const nlohmann::json& json, std::initializer_list<const char*> keys);
// Returns the number of members of a list or an object; 0 for anything else.
size_t SizeAt(const nlohmann::json& json, std::initializer_list<const char*> keys);

}  // namespace capmon
