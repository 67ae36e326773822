// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/command_line.h"

#include <cstdint>
#include <string_view>

#include "absl/strings/str_format.h"

namespace capmon {

// FNV-1a: it has to tell command lines apart, not to resist attempts to find an equal one.
std::string CommandDigest(const std::vector<std::string>& arguments) {
  constexpr uint64_t kPrime = 0x100000001b3;
  if (arguments.empty()) return "";
  uint64_t digest = 0xcbf29ce484222325;
  const auto add = [&](std::string_view bytes) {
    for (const char byte : bytes) digest = (digest ^ static_cast<unsigned char>(byte)) * kPrime;
  };
  for (const std::string& argument : arguments) {
    add(argument);
    add(std::string_view("\0", 1));  // "a b" is not "a", "b"
  }
  return absl::StrFormat("%016x", digest);
}

}  // namespace capmon
