// SPDX-License-Identifier: Apache-2.0
#include "client/risk/capability_risk.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/risk/capability_risk_text.h"

namespace capmon {
namespace {

constexpr int kHighest = 100;
constexpr int kOfUnknown = 50;

absl::StatusOr<CapabilityRisk> ParseRow(const std::string& line) {
  const std::vector<std::string> cells = absl::StrSplit(line, '\t');
  CapabilityRisk risk;
  const auto capability = cells.size() == 3 ? ParseCapability(cells[0]) : std::nullopt;
  if (!capability || !absl::SimpleAtoi(cells[1], &risk.weight) || risk.weight < 1 ||
      risk.weight > kHighest || cells[2].empty())
    return absl::InvalidArgumentError(
        absl::StrCat("\"", line, "\" is not capability, weight and reason"));
  risk.capability = *capability;
  risk.reason = cells[2];
  return risk;
}

using Risks = std::array<CapabilityRisk, kMaxCapabilities>;

const Risks& All() {
  static const Risks* const risks = [] {
    auto* const all = new Risks;
    for (int c = 0; c < kMaxCapabilities; ++c)
      (*all)[c] = {static_cast<Capability>(c), kOfUnknown,
                   "Newer than this capmon, which does not know what it allows."};
    const auto known = ParseCapabilityRisks(kCapabilityRiskText);
    for (const CapabilityRisk& risk : known.value()) (*all)[risk.capability] = risk;
    return all;
  }();
  return *risks;
}

}  // namespace

absl::StatusOr<std::vector<CapabilityRisk>> ParseCapabilityRisks(std::string_view text) {
  std::vector<CapabilityRisk> risks;
  const std::vector<std::string> lines = absl::StrSplit(std::string(text), '\n');
  for (const std::string& line : lines) {
    if (line.empty() || line.front() == '#') continue;
    auto risk = ParseRow(line);
    if (!risk.ok()) return risk.status();
    risks.push_back(*std::move(risk));
  }
  return risks;
}

const CapabilityRisk& RiskOf(Capability capability) {
  return All()[std::min<int>(capability, kMaxCapabilities - 1)];
}

int RiskOf(CapabilitySet set) {
  int sum = 0;
  for (const Capability capability : set.members()) sum += RiskOf(capability).weight;
  return sum;
}

std::vector<Capability> ByRisk(CapabilitySet set) {
  std::vector<Capability> members = set.members();
  std::stable_sort(members.begin(), members.end(),
                   [](Capability a, Capability b) { return RiskOf(a).weight > RiskOf(b).weight; });
  return members;
}

}  // namespace capmon
