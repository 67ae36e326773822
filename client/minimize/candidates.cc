// SPDX-License-Identifier: Apache-2.0
#include "client/minimize/candidates.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "client/base/text.h"
#include "daemon/model/capability_facts.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

Doubt DoubtOf(const std::string& name) {
  switch (ParseVerdict(name).value_or(Verdict::kUnknown)) {
    case Verdict::kConstraint: return Doubt::kConstraint;
    case Verdict::kConditional: return Doubt::kConditional;
    case Verdict::kDegrades: return Doubt::kDegrades;
    case Verdict::kEither: return Doubt::kEither;
    case Verdict::kReview: return Doubt::kReview;
    case Verdict::kRequired: return Doubt::kRequired;
    default: return Doubt::kUnknown;
  }
}

// Returns the members that weigh less than a capability.
std::vector<Capability> NarrowestFirst(CapabilitySet set, Capability than) {
  std::vector<Capability> sorted = ByWeight(set);
  std::erase_if(sorted, [&](Capability c) { return WeightOf({c}) >= WeightOf({than}); });
  std::reverse(sorted.begin(), sorted.end());
  return sorted;
}

using Use = std::tuple<std::string, std::string, std::string>;  // system call, site, program

bool IsNeed(const std::string& verdict) {
  const auto known = ParseVerdict(verdict);
  return known && TraitsOf(*known).is_need;
}

std::set<Use> Uses(const v1::CapabilityVerdict& row) {
  std::set<Use> uses;
  for (const v1::Evidence& evidence : row.evidence())
    if (evidence.granted() && evidence.phase() == "workload" && IsNeed(evidence.verdict()))
      uses.emplace(evidence.syscall(), evidence.site(), evidence.binary());
  return uses;
}

// Returns an empty row if the profile has none.
const v1::CapabilityVerdict& RowOf(const v1::Profile& profile, const std::string& capability) {
  for (const v1::CapabilityVerdict& row : profile.capabilities())
    if (row.capability() == capability) return row;
  return v1::CapabilityVerdict::default_instance();
}

// Returns the programs that called capset(2).
std::set<std::string> CapsetCallers(const v1::Profile& profile) {
  std::set<std::string> programs;
  for (const v1::CapabilityVerdict& row : profile.capabilities())
    for (const v1::Evidence& evidence : row.evidence())
      if (evidence.syscall() == "capset" && evidence.phase() == "workload")
        programs.insert(evidence.binary());
  return programs;
}

template <typename Item>
bool Includes(const std::set<Item>& whole, const std::set<Item>& part) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// Returns those that the evidence names together with this one: either of them is enough.
std::set<std::string> OthersOf(const v1::Profile& profile, const v1::CapabilityVerdict& row) {
  std::set<std::string> others(row.narrower().begin(), row.narrower().end());
  for (const v1::CapabilityVerdict& other : profile.capabilities())
    if (!other.keep() && other.verdict() == Name(Verdict::kEither) &&
        std::find(other.narrower().begin(), other.narrower().end(), row.capability()) !=
            other.narrower().end())
      others.insert(other.capability());
  return others;
}

// A constraint comes from capset(2), or from something that its reason names, like an exec. Where a
// program has no more than it requests, capset(2) is seen, but what it requests is not. The reason
// before may end with an earlier proof.
bool IsRepeatedConstraint(const v1::Profile& before, const v1::Profile& now,
                          const v1::CapabilityVerdict& row) {
  if (!Includes(CapsetCallers(now), CapsetCallers(before))) return false;
  const v1::CapabilityVerdict& again = RowOf(now, row.capability());
  return row.reason().find("capset(2)") != std::string::npos ||
         (again.verdict() == row.verdict() && row.reason().starts_with(again.reason()));
}

// Returns the uses of a capability, and of those whose place it takes.
std::set<Use> AllUses(const v1::Profile& profile, const v1::CapabilityVerdict& row) {
  std::set<Use> uses = Uses(row);
  if (row.verdict() == Name(Verdict::kEither))
    for (const std::string& other : OthersOf(profile, row)) uses.merge(Uses(RowOf(profile, other)));
  return uses;
}

// What was never used cannot be repeated.
bool IsRepeated(const v1::Profile& before, const v1::Profile& now,
                const v1::CapabilityVerdict& row) {
  const std::set<Use> uses = AllUses(before, row);
  if (!Includes(Uses(RowOf(now, row.capability())), uses)) return false;
  const bool constraint = row.verdict() == Name(Verdict::kConstraint);
  return constraint ? IsRepeatedConstraint(before, now, row) : !uses.empty();
}

CapabilitySet Parsed(const std::set<std::string>& names) {
  CapabilitySet set;
  for (const std::string& name : names)
    if (const auto capability = ParseCapability(name)) set.Add(*capability);
  return set;
}

}  // namespace

std::vector<TrialCandidate> CandidatesOf(const v1::Profile& profile) {
  const v1::Recommendation& advice = profile.recommendation();
  const CapabilitySet recommended = SetOf(advice.keep()) | SetOf(advice.unknown());
  std::vector<TrialCandidate> candidates;
  CapabilitySet rest = recommended;
  for (const v1::CapabilityVerdict& row : profile.capabilities()) {
    const auto capability = ParseCapability(row.capability());
    if (!capability || !recommended.Has(*capability)) continue;
    rest.Remove(*capability);
    candidates.push_back({
        .capability = *capability,
        .doubt = DoubtOf(row.verdict()),
        .narrower = NarrowestFirst(Parsed(OthersOf(profile, row)) - recommended, *capability),
    });
  }
  for (const Capability c : rest.members())
    candidates.push_back({.capability = c, .doubt = Doubt::kUnknown});
  return candidates;
}

CapabilitySet Repeated(const v1::Profile& before, const v1::Profile& now) {
  CapabilitySet repeated;
  for (const v1::CapabilityVerdict& row : before.capabilities()) {
    const auto capability = ParseCapability(row.capability());
    if (capability && IsRepeated(before, now, row)) repeated.Add(*capability);
  }
  return repeated;
}

const char* Explain(Doubt doubt) {
  switch (doubt) {
    case Doubt::kConstraint: return "never checked; an exec, a capset(2) or a filter asks for it";
    case Doubt::kConditional: return "checked before something cheaper that may be enough";
    case Doubt::kDegrades: return "the program continues without it, but something differs";
    case Doubt::kEither: return "another one may be enough";
    case Doubt::kReview: return "checked at a call site that is not in the table";
    case Doubt::kUnknown:
      return "no need was seen, and the evidence cannot show that there is none";
    case Doubt::kRequired: return "a denial makes the system call fail";
  }
  return "";
}

}  // namespace capmon
