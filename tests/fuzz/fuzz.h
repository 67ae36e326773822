// SPDX-License-Identifier: Apache-2.0
// What the fuzzers share.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace capmon {

// Ends the process where a promise is broken, so that the fuzzer reports the input.
inline void Require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

inline std::string_view AsText(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The text up to the first line that is "--", and what follows it: two texts in one input.
inline std::string_view TakePart(std::string_view& rest) {
  constexpr std::string_view kBetween = "\n--\n";
  const size_t end = rest.find(kBetween);
  const std::string_view part = rest.substr(0, end);
  rest = end == rest.npos ? std::string_view() : rest.substr(end + kBetween.size());
  return part;
}

}  // namespace capmon

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
