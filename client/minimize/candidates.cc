// SPDX-License-Identifier: Apache-2.0
#include "client/minimize/candidates.h"

#include <algorithm>
#include <set>
#include <string>

#include "client/base/text.h"
#include "client/minimize/repeated.h"
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

CapabilitySet Parsed(const std::set<std::string>& names) {
  CapabilitySet set;
  for (const std::string& name : names)
    if (const auto capability = ParseCapability(name)) set.Add(*capability);
  return set;
}

}  // namespace

CapabilitySet SetToBeginWith(const v1::Profile& profile) {
  const v1::Recommendation& advice = profile.recommendation();
  return SetOf(advice.keep()) | SetOf(advice.unknown()) | SetOf(advice.proven_unneeded());
}

std::vector<TrialCandidate> CandidatesOf(const v1::Profile& profile) {
  const CapabilitySet recommended = SetToBeginWith(profile);
  const CapabilitySet earlier = SetOf(profile.recommendation().proven_unneeded());
  std::vector<TrialCandidate> candidates;
  CapabilitySet rest = recommended;
  for (const v1::CapabilityVerdict& row : profile.capabilities()) {
    const auto capability = ParseCapability(row.capability());
    if (!capability || !recommended.Has(*capability)) continue;
    rest.Remove(*capability);
    candidates.push_back({
        .capability = *capability,
        .doubt = earlier.Has(*capability) ? Doubt::kFoundUnneeded : DoubtOf(row.verdict()),
        .narrower = NarrowestFirst(Parsed(OthersOf(profile, row)) - recommended, *capability),
    });
  }
  for (const Capability c : rest.members())
    candidates.push_back({.capability = c, .doubt = Doubt::kUnknown});
  return candidates;
}

const char* Explain(Doubt doubt) {
  switch (doubt) {
    case Doubt::kFoundUnneeded: return "an earlier search found it unneeded";
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
