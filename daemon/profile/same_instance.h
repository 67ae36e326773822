// SPDX-License-Identifier: Apache-2.0
// What two rows about one instance have in common: how their facts are united, so that no order and
// no repetition of rows makes a difference.
#pragma once

#include <cstddef>
#include <iterator>
#include <map>
#include <string>

namespace capmon {

// Adds facts of the same instance. Of two values of one fact the lower number stays, which of
// net.ipv4.ip_unprivileged_port_start is the one that hides more; of more than `most` facts the
// first by name stay.
inline void UniteFacts(const std::map<std::string, std::string>& facts, size_t most,
                       std::map<std::string, std::string>& into) {
  const auto is_lower = [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  };
  for (const auto& [name, value] : facts) {
    const auto [known, fresh] = into.emplace(name, value);
    if (!fresh && is_lower(value, known->second)) known->second = value;
  }
  while (into.size() > most) into.erase(std::prev(into.end()));
}

}  // namespace capmon
