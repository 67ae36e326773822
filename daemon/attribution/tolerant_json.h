// SPDX-License-Identifier: Apache-2.0
// Reading JSON of others: anything may be missing, of the wrong type, or endless. Pure.
#pragma once

#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/json.h"

namespace capmon {

inline constexpr size_t kMaxDescribedLabels = 64;
inline constexpr size_t kMaxDescribedBytes = 256;  // of any one text

// Cut to kMaxDescribedBytes at a character's boundary.
std::string Bounded(std::string text);
// Bounded; empty when it is no text.
std::string Text(const nlohmann::json& json, std::initializer_list<const char*> keys);
// Texts under texts; at most kMaxDescribedLabels, all bounded.
std::map<std::string, std::string> Texts(const nlohmann::json& json,
                                         std::initializer_list<const char*> keys);
// The texts of a list, as they are.
std::vector<std::string> TextList(const nlohmann::json& json,
                                  std::initializer_list<const char*> keys);

}  // namespace capmon
