// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/capability.h"

#include <sys/capability.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace capmon {
namespace {

constexpr std::string_view kPrefix = "CAP_";

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

}  // namespace

std::string CapabilityName(Capability capability) {
  char* name = cap_to_name(capability);
  // libcap writes a bare number for what it has no name for.
  const bool named = name != nullptr && std::isalpha(static_cast<unsigned char>(name[0]));
  std::string result =
      named ? ToUpper(name) : std::string(kPrefix) + std::to_string(static_cast<int>(capability));
  cap_free(name);
  return result;
}

std::string ShortCapabilityName(Capability capability) {
  return CapabilityName(capability).substr(kPrefix.size());
}

std::optional<Capability> ParseCapability(std::string_view text) {
  std::string name = ToUpper(text);
  if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
  if (name.empty()) return std::nullopt;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size()) {
    if (number >= kMaxCapabilities) return std::nullopt;
    return static_cast<Capability>(number);
  }
  cap_value_t value = 0;
  if (cap_from_name((std::string(kPrefix) + name).c_str(), &value) != 0) return std::nullopt;
  return static_cast<Capability>(value);
}

int KernelCapabilityCount() {
  return std::clamp(static_cast<int>(cap_max_bits()), 1, kMaxCapabilities);
}

std::vector<Capability> CapabilitySet::members() const {
  std::vector<Capability> result;
  for (int c = 0; c < kMaxCapabilities; ++c)
    if (Has(static_cast<Capability>(c))) result.push_back(static_cast<Capability>(c));
  return result;
}

CapabilitySet AllCapabilities() {
  const int count = KernelCapabilityCount();
  return CapabilitySet(count >= kMaxCapabilities ? ~uint64_t{0} : (uint64_t{1} << count) - 1);
}

}  // namespace capmon
