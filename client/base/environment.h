// SPDX-License-Identifier: Apache-2.0
// Variables of this process.
#pragma once

#include <cstdlib>
#include <string>

namespace capmon {

// Returns the value of a variable, or "".
inline std::string EnvironmentVariable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace capmon
