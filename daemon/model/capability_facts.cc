// SPDX-License-Identifier: Apache-2.0
#include "daemon/model/capability_facts.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/model/capabilities_text.h"

namespace capmon {
namespace {

constexpr int kHighest = 100;
constexpr int kOfUnknown = 50;

absl::StatusOr<CapabilityFacts> ParseRow(const std::string& line) {
  const std::vector<std::string> cells = absl::StrSplit(line, '\t');
  CapabilityFacts facts;
  const auto capability = cells.size() == 4 ? ParseCapability(cells[0]) : std::nullopt;
  if (!capability || !absl::SimpleAtoi(cells[1], &facts.weight) || facts.weight < 1 ||
      facts.weight > kHighest || (cells[2] != "yes" && cells[2] != "-") || cells[3].empty())
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", line, "\" is not capability, weight, yes or - for commonplace, and reason"));
  facts.capability = *capability;
  facts.commonplace = cells[2] == "yes";
  facts.reason = cells[3];
  return facts;
}

using Catalogue = std::array<CapabilityFacts, kMaxCapabilities>;

const Catalogue& All() {
  static const Catalogue* const catalogue = [] {
    auto* const all = new Catalogue;
    for (int c = 0; c < kMaxCapabilities; ++c)
      (*all)[c] = {static_cast<Capability>(c), kOfUnknown, false,
                   "Newer than this version of capmon: what it allows is not known."};
    const auto known = ParseCapabilityFacts(kCapabilitiesText);
    for (const CapabilityFacts& facts : known.value()) (*all)[facts.capability] = facts;
    return all;
  }();
  return *catalogue;
}

}  // namespace

absl::StatusOr<std::vector<CapabilityFacts>> ParseCapabilityFacts(std::string_view text) {
  std::vector<CapabilityFacts> catalogue;
  const std::vector<std::string> lines = absl::StrSplit(std::string(text), '\n');
  for (const std::string& line : lines) {
    if (line.empty() || line.front() == '#') continue;
    auto facts = ParseRow(line);
    if (!facts.ok()) return facts.status();
    catalogue.push_back(*std::move(facts));
  }
  return catalogue;
}

const CapabilityFacts& FactsOf(Capability capability) {
  return All()[std::min<int>(capability, kMaxCapabilities - 1)];
}

int WeightOf(CapabilitySet set) {
  int sum = 0;
  for (const Capability capability : set.members()) sum += FactsOf(capability).weight;
  return sum;
}

std::vector<Capability> ByWeight(CapabilitySet set) {
  std::vector<Capability> members = set.members();
  std::stable_sort(members.begin(), members.end(), [](Capability a, Capability b) {
    return FactsOf(a).weight > FactsOf(b).weight;
  });
  return members;
}

Severity SeverityOf(Capability capability) {
  constexpr int kCritical = 80, kHigh = 25, kMedium = 10, kLow = 3;
  const auto& [number, weight, commonplace, reason] = FactsOf(capability);
  if (weight >= kCritical && !commonplace) return Severity::kCritical;
  if (weight >= kHigh && !commonplace) return Severity::kHigh;
  if (weight >= kMedium) return Severity::kMedium;
  return weight >= kLow ? Severity::kLow : Severity::kInfo;
}

std::string JoinNames(const std::vector<Capability>& capabilities, const char* last_joint) {
  std::string text;
  for (size_t i = 0; i < capabilities.size(); ++i) {
    if (i > 0) text += i + 1 == capabilities.size() ? last_joint : ", ";
    text += ShortCapabilityName(capabilities[i]);
  }
  return text;
}

}  // namespace capmon
