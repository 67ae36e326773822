// SPDX-License-Identifier: Apache-2.0
// Sets of capabilities to try, and words for them.
#pragma once

#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/model/capability.h"

namespace capmon {

// 1,024 sets, sparse ones and full ones; always the same.
inline std::vector<CapabilitySet> ManySets() {
  std::mt19937_64 random(20'240'229);
  std::vector<CapabilitySet> sets = {CapabilitySet(), AllCapabilities()};
  while (sets.size() < 1024) {
    const uint64_t bits = sets.size() % 2 == 0 ? random() & random() & random() : random();
    sets.push_back(CapabilitySet(bits & AllCapabilities().bits()));
  }
  return sets;
}

inline std::vector<std::string> NamesOf(CapabilitySet set) {
  std::vector<std::string> names;
  for (const Capability c : set.members()) names.push_back(CapabilityName(c));
  return names;
}

inline std::string Joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

inline std::vector<std::string> Lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace capmon
