// SPDX-License-Identifier: Apache-2.0
// Reads a small file, such as one below /proc.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace capmon {

// Returns "" if it cannot be read.
inline std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace capmon
