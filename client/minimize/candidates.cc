// SPDX-License-Identifier: Apache-2.0
#include "client/minimize/candidates.h"

#include <algorithm>
#include <string>

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

std::vector<Capability> NarrowestFirst(CapabilitySet set) {
  std::vector<Capability> sorted = ByWeight(set);
  std::reverse(sorted.begin(), sorted.end());
  return sorted;
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
    const Doubt doubt = DoubtOf(row.verdict());
    candidates.push_back({
        .capability = *capability,
        .doubt = doubt,
        // A capset(2) or an exec asks without a check of the kernel.
        .checked = doubt != Doubt::kConstraint,
        .narrower = NarrowestFirst(SetOf(row.narrower())),
    });
  }
  for (const Capability c : rest.members())
    candidates.push_back({.capability = c, .doubt = Doubt::kUnknown});
  return candidates;
}

CapabilitySet CheckedIn(const v1::Profile& profile) {
  CapabilitySet checked;
  for (const v1::CapabilityVerdict& row : profile.capabilities()) {
    const auto capability = ParseCapability(row.capability());
    const bool for_the_job =
        std::any_of(row.evidence().begin(), row.evidence().end(),
                    [](const v1::Evidence& evidence) { return evidence.phase() == "workload"; });
    if (capability && for_the_job) checked.Add(*capability);
  }
  return checked;
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
