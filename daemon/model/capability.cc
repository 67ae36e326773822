// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/capability.h"

#include <sys/capability.h>

#include <algorithm>
#include <array>
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

// Parses a number without sign, blank or leading zero: "13".
std::optional<Capability> ParseNumber(std::string_view digits) {
  unsigned number = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number);
  const bool padded = digits.size() > 1 && digits[0] == '0';
  if (error != std::errc() || end != last || padded || number >= kMaxCapabilities)
    return std::nullopt;
  return static_cast<Capability>(number);
}

// Names by number, without the prefix. Not cap_from_name(3), which accepts a text that only begins
// with a name: it reads "chown;net_raw" as CHOWN.
const std::array<std::string, kMaxCapabilities>& Names() {
  static const auto* const names = [] {
    auto* const all = new std::array<std::string, kMaxCapabilities>;
    for (int c = 0; c < kMaxCapabilities; ++c)
      (*all)[static_cast<size_t>(c)] = ShortCapabilityName(static_cast<Capability>(c));
    return all;
  }();
  return *names;
}

}  // namespace

std::string CapabilityName(Capability capability) {
  char* name = cap_to_name(capability);
  // libcap writes the number of a capability that it does not know.
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
  if (const auto number = ParseNumber(name)) return number;
  const auto found = std::ranges::find(Names(), name);
  if (found == Names().end()) return std::nullopt;
  return static_cast<Capability>(found - Names().begin());
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
