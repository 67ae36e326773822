// SPDX-License-Identifier: Apache-2.0
// Adds to what a profile keeps up to a bound.
#pragma once

#include <cstddef>
#include <cstdint>

namespace capmon {

// Adds up values of one key. A value without room is counted in `dropped`: it is lost evidence.
void AddBounded(auto& map, const auto& key, const auto& value, size_t most, uint64_t& dropped) {
  if (const auto known = map.find(key); known != map.end())
    known->second += value;
  else if (map.size() < most)
    map.emplace(key, value);
  else
    ++dropped;
}

}  // namespace capmon
