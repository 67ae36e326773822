// SPDX-License-Identifier: Apache-2.0
// Reads JSON of other programs into bounded text. Pure.
#pragma once

#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/json.h"

namespace capmon {

inline constexpr size_t kMaxDescribedLabels = 64;
inline constexpr size_t kMaxDescribedBytes = 256;  // of each text

// Cuts to kMaxDescribedBytes, at a character's boundary.
std::string Bounded(std::string text);
// Returns a bounded text; empty if it is no text.
std::string Text(const nlohmann::json& json, std::initializer_list<const char*> keys);
// Returns a map of texts: at most kMaxDescribedLabels, all bounded.
std::map<std::string, std::string> Texts(const nlohmann::json& json,
                                         std::initializer_list<const char*> keys);
// Returns the texts of a list, unbounded.
std::vector<std::string> TextList(const nlohmann::json& json,
                                  std::initializer_list<const char*> keys);

}  // namespace capmon
