// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "daemon/model/capability_facts.h"
#include "daemon/model/loss.h"
#include "daemon/model/settled.h"
#include "daemon/profile/advice.h"
#include "daemon/profile/completeness.h"
#include "daemon/profile/confidence.h"
#include "daemon/profile/constraints.h"
#include "daemon/profile/evidence_verdict.h"
#include "daemon/profile/filtered_calls.h"
#include "daemon/profile/judge_several.h"
#include "daemon/profile/keep_set.h"
#include "daemon/profile/new_files.h"
#include "daemon/profile/program_identity.h"
#include "daemon/profile/row.h"
#include "daemon/profile/sentence.h"
#include "daemon/profile/unknowable.h"
#include "daemon/profile/use.h"

namespace capmon {
namespace {

using Findings = std::vector<Finding>;

// What a container was given; if that is not known, what it was seen to have.
CapabilitySet HeldBy(const Profile& profile) {
  if (profile.held) return profile.held->bounding;
  CapabilitySet held;
  for (const auto& [key, evidence] : profile.checks)
    if (key.granted && key.Is(kHeld)) held.Add(key.capability);
  return held;
}

bool Keeps(const Finding& finding, const JudgeOptions& options) {
  return finding.keep && !(options.strict_minimal && finding.judged.verdict == Verdict::kDegrades);
}

using Rows = std::map<Capability, CapabilityVerdict>;

CapabilityVerdict& RowOf(Rows& rows, Capability capability) {
  CapabilityVerdict& row = rows[capability];
  row.capability = capability;
  return row;
}

void ApplyConstraints(const Profile& profile, const Programs& programs, Rows& rows,
                      CapabilitySet& needed, CapabilitySet& uses) {
  for (const auto& [capability, reason, use] : ConstraintsOf(profile, programs)) {
    needed.Add(capability);
    uses.Add(capability);
    CapabilityVerdict& row = RowOf(rows, capability);
    row.uses.insert(use);
    if (row.checks > 0 && row.verdict < Verdict::kConstraint && row.verdict != Verdict::kMissing)
      continue;
    row.verdict = Verdict::kConstraint;
    row.reason = reason;
  }
}

// Of what opens a gate in the seccomp filter, one that is needed anyway, or the least powerful.
void ApplyGates(const Profile& profile, Rows& rows, CapabilitySet& needed, CapabilitySet& uses) {
  for (const GateNeed& need : GateNeedsOf(profile)) {
    uses = uses | (need.any & needed);
    for (const Capability opener : (need.any & needed).members())
      RowOf(rows, opener).uses.insert(UnknownUse(need.reason));
    if (!(need.any & needed).empty()) continue;
    const std::vector<Capability> any = need.any.members();
    const Capability least = *std::ranges::min_element(
        any, {}, [](Capability member) { return FactsOf(member).weight; });
    needed.Add(least);
    uses.Add(least);
    CapabilityVerdict& row = RowOf(rows, least);
    row.uses.insert(UnknownUse(need.reason));  // only the first process that called is known
    row.verdict = Verdict::kConstraint;
    row.reason = need.reason;
  }
}

std::string RefusedBecause(const SetRefusal& refusal) {
  if (refusal.how == "exec")
    return fmt::format("{} has it as a file capability and was not executed without it",
                       refusal.program);
  return fmt::format(
      "{} requested it with {} and was denied", refusal.program,
      refusal.how == "ambient" ? "prctl(2), as an ambient capability," : "capset(2)");
}

// Of a process that called, only the name is known.
std::string UseOf(const SetRefusal& refusal, const ProgramIdentities& identities) {
  if (refusal.how == "exec") return UseOfFile(refusal.program, identities.IsKnown(refusal.program));
  return UnknownUse(RefusedBecause(refusal));
}

// What whole sets lacked. To a container that holds it, giving it again is no remedy.
void ApplyRefusals(const Profile& profile, CapabilitySet held, CapabilitySet needed, Rows& rows,
                   CapabilitySet& uses) {
  const ProgramIdentities identities(profile);
  for (const auto& [key, refusal] : profile.refusals) {
    uses = uses | (refusal.lacking - held);
    for (const Capability capability : refusal.lacking.members())
      RowOf(rows, capability).uses.insert(UseOf(refusal, identities));
    for (const Capability capability : (refusal.lacking - needed).members()) {
      CapabilityVerdict& row = RowOf(rows, capability);
      const Verdict verdict = held.Has(capability) ? Verdict::kTried : Verdict::kMissing;
      row.denied += refusal.count;
      if (row.verdict <= verdict) continue;
      row.verdict = verdict;
      row.reason = RefusedBecause(refusal);
      if (held.Has(capability)) row.reason += ": the container has it, but the program did not";
    }
  }
}

// Chosen for a group although another member was asked for: say whose place it takes.
void NameSubstitutes(CapabilitySet chosen, const std::vector<CapabilitySet>& groups, Rows& rows) {
  for (const Capability capability : chosen.members()) {
    CapabilityVerdict& row = RowOf(rows, capability);
    if (TraitsOf(row.verdict).is_need && row.verdict != Verdict::kReview) continue;
    CapabilitySet others;
    for (const CapabilitySet group : groups)
      if (group.Has(capability)) others = others | group;
    others.Remove(capability);
    row.verdict = Verdict::kEither;
    row.reason = fmt::format("takes the place of {}", JoinNames(others.members(), " or "));
  }
}

// Of alternatives, the one that is kept serves the uses of all.
void ShareUses(const std::map<Capability, Findings>& by_capability, Rows& rows) {
  for (const auto& [capability, findings] : by_capability)
    for (const Finding& finding : findings)
      for (const Capability other : finding.group.members())
        if (const auto row = rows.find(other); row != rows.end() && ShowsUse(finding))
          row->second.uses.insert(UseIn(finding));
}

void AddUnused(CapabilitySet held, Rows& rows) {
  for (const Capability capability : held.members())
    if (!rows.contains(capability)) RowOf(rows, capability).reason = "never checked";
}

// The checks without a result. Two in one call may have one result, so few mean something only
// where results were lost.
uint64_t Unsettled(const CheckCounts& counts, bool results_lost) {
  const uint64_t settled = counts.succeeded + counts.failed;
  if (settled >= counts.count || (!results_lost && counts.count < kSettledAtFirst)) return 0;
  return counts.count - settled;
}

// The checks of a tried capability of which no result is known, in words; "" if there are none.
std::string WhyUndecided(const CapabilityVerdict& row, bool results_lost) {
  uint64_t unwatched = 0;
  for (const JudgedEvidence& judged : row.evidence)
    if (judged.verdict == Verdict::kTried && judged.evidence.key.granted)
      unwatched +=
          std::max(judged.evidence.unwatched, Unsettled(judged.evidence.counts, results_lost));
  if (unwatched == 0) return "";
  return fmt::format(
      "it was granted to calls that failed, but {} such {} made while results of system calls were "
      "not watched",
      unwatched, unwatched == 1 ? "check was" : "checks were");
}

// The capabilities with such checks: some of those calls may have succeeded.
CapabilitySet Undecided(const Rows& rows, bool results_lost) {
  CapabilitySet undecided;
  for (const auto& [capability, row] : rows)
    if (!WhyUndecided(row, results_lost).empty()) undecided.Add(capability);
  return undecided;
}

// Of what is held and not called for, nothing is known where the evidence cannot speak. A refusal
// that made a call fail stays what it is.
void WithholdJudgement(const Profile& profile, const std::string& why_unknown,
                       CapabilitySet uncalled, const JudgeOptions& options,
                       Recommendation& recommendation, Rows& rows) {
  recommendation.unknown_reason = why_unknown;
  const UnwatchedGates gates = UnwatchedGatesOf(profile);
  if (!(gates.capabilities & uncalled).empty() && recommendation.unknown_reason.empty())
    recommendation.warnings.push_back(gates.reason);
  if (options.assume_unused) return;
  const bool nothing_known = !recommendation.unknown_reason.empty();
  const CapabilitySet beyond_quota = CheckedBeyondQuota(profile);
  const bool results_lost = LossesOfKind(profile.losses, LossKind::kOutcome) > 0;
  const CapabilitySet undecided = Undecided(rows, results_lost);
  recommendation.unseen =
      nothing_known ? CapabilitySet(~uint64_t{0}) : beyond_quota | gates.capabilities | undecided;
  recommendation.unknown = uncalled & recommendation.unseen;
  for (const Capability capability : recommendation.unknown.members()) {
    CapabilityVerdict& row = RowOf(rows, capability);
    if (row.verdict == Verdict::kMissing) continue;
    row.verdict = Verdict::kUnknown;
    if (nothing_known)
      row.reason = recommendation.unknown_reason;
    else if (beyond_quota.Has(capability))
      row.reason = "it was checked beyond the container's quota, so the call site is not known";
    else
      row.reason = undecided.Has(capability) ? WhyUndecided(row, results_lost) : gates.reason;
  }
}

bool IsCatalogued(const Finding& finding) {
  return finding.site != nullptr || finding.judged.verdict == Verdict::kNoise;
}

struct Assessed {
  std::map<Capability, Findings> by_capability;
  std::vector<CapabilitySet> uses;    // by each of the profiles
  CapabilitySet needed;               // for themselves
  std::vector<CapabilitySet> groups;  // one of each
};

// Adds what one container's evidence means, by its own gates; returns how far it is to be trusted.
Confidence AssessAll(const Profile& profile, const CallSites& sites, const JudgeOptions& options,
                     Assessed& all) {
  uint64_t workload_checks = 0;
  uint64_t known_checks = 0;  // of these, at catalogued sites
  News news;
  CapabilitySet& uses = all.uses.emplace_back();
  const ProgramIdentities identities(profile);
  for (const auto& [key, evidence] : profile.checks) {
    Finding finding = Assess(profile, sites, evidence);
    if (!finding.gated) workload_checks += evidence.counts.count;
    if (!finding.gated && IsCatalogued(finding)) known_checks += evidence.counts.count;
    if (ShowsUse(finding)) uses.Add(key.capability);
    const bool keeps = Keeps(finding, options);
    if (keeps && finding.group.empty()) all.needed.Add(key.capability);
    if (keeps && !finding.group.empty()) all.groups.push_back(finding.group);
    if (!evidence.binary.empty() || profile.binaries.contains(key.exe))
      finding.program = ProgramOf(profile, evidence);
    finding.program_known = identities.IsKnown(key);
    TakeNews(finding.judged, finding.program, news);
    all.by_capability[key.capability].push_back(std::move(finding));
  }
  return ConfidenceIn(profile, known_checks, workload_checks, news, options.stable_after);
}

// Of containers of several pods the containers' names are the same.
std::string NameOf(const Profile& profile) {
  if (profile.folded.instances > 0)
    return fmt::format("{} earlier {}", profile.folded.instances,
                       profile.folded.instances == 1 ? "instance" : "instances");
  return profile.container.pod.empty() ? profile.container.name : profile.container.pod;
}

CapabilitySet HeldByAny(std::span<const Profile> profiles) {
  CapabilitySet held;
  for (const Profile& profile : profiles) held = held | HeldBy(profile);
  return held;
}

void AddWhatNoCheckShows(std::span<const Profile> profiles, const Programs& programs, Assessed& all,
                         Rows& rows) {
  for (size_t i = 0; i < profiles.size(); ++i)
    ApplyConstraints(profiles[i], programs, rows, all.needed, all.uses[i]);
  for (size_t i = 0; i < profiles.size(); ++i)
    ApplyGates(profiles[i], rows, all.needed, all.uses[i]);
  for (size_t i = 0; i < profiles.size(); ++i)
    ApplyRefusals(profiles[i], HeldBy(profiles[i]), all.needed, rows, all.uses[i]);
}

// Of folded instances the profile says how many used what; any other is one instance.
void CountInstances(std::span<const Profile> profiles, const Assessed& all, Judgement& judgement) {
  judgement.instances = 0;
  for (const Profile& profile : profiles)
    judgement.instances += std::max<uint64_t>(profile.folded.instances, 1);
  for (CapabilityVerdict& row : judgement.capabilities) {
    for (size_t i = 0; i < profiles.size(); ++i) {
      const Folded& folded = profiles[i].folded;
      const auto users = folded.users.find(row.capability);
      if (folded.instances == 0)
        row.instances_used += all.uses[i].Has(row.capability) ? 1 : 0;
      else if (users != folded.users.end())
        row.instances_used += users->second;
    }
  }
}

// The newest of what no instance had shown before.
News LastNews(const Assessed& all) {
  News news;
  for (const auto& [capability, findings] : all.by_capability)
    for (const Finding& finding : findings) TakeNews(finding.judged, finding.program, news);
  return news;
}

// What one container adds to the recommendation for all.
Recommendation ShareOf(const Profile& profile, const std::string& why_unknown, CapabilitySet keep,
                       const JudgeOptions& options, Rows& rows) {
  Recommendation recommendation;
  recommendation.keep = keep;
  const CapabilitySet uncalled = HeldBy(profile) - keep;
  WithholdJudgement(profile, why_unknown, uncalled, options, recommendation, rows);
  if (profile.held) recommendation.remove = uncalled - recommendation.unknown;
  AdviseBeyondCapabilities(profile, recommendation);
  return recommendation;
}

// For each of the profiles.
std::vector<std::string> WhyUnknownInEach(std::span<const Profile> profiles,
                                          const Programs& programs, const JudgeOptions& options) {
  std::vector<std::string> reasons;
  if (options.one_image)
    reasons = WhyUnknownInImage(profiles, options.stable_after);
  else
    for (const Profile& profile : profiles)
      reasons.push_back(WhyUnknown(profile, options.stable_after));
  for (size_t i = 0; i < reasons.size(); ++i)
    if (reasons[i].empty()) reasons[i] = WhyCapsetIsUnknown(profiles[i], programs);
  return reasons;
}

void WithholdForNewFiles(const SetUp& set_up, Recommendation& recommendation, Rows& rows) {
  if (set_up.why.empty()) return;
  if (!set_up.no_new_privileges && recommendation.no_new_privileges == Advice::kSafe) {
    recommendation.no_new_privileges = Advice::kUnknown;
    recommendation.no_new_privileges_reason = set_up.why;
  }
  const CapabilitySet unknown = recommendation.remove & set_up.capabilities;
  for (const Capability capability : unknown.members()) {
    CapabilityVerdict& row = RowOf(rows, capability);
    row.verdict = Verdict::kUnknown;
    row.reason = set_up.why;
  }
  recommendation.unseen = recommendation.unseen | set_up.capabilities;
  recommendation.unknown = recommendation.unknown | unknown;
  recommendation.remove = recommendation.remove - unknown;
}

Recommendation RecommendFor(std::span<const Profile> profiles, const Assessed& all,
                            const Programs& programs, const JudgeOptions& options, Rows& rows) {
  const CapabilitySet keep = Choose(all.needed, all.groups, HeldByAny(profiles));
  NameSubstitutes(keep - all.needed, all.groups, rows);
  for (const Profile& profile : profiles)
    if (profile.held) AddUnused(HeldBy(profile), rows);
  const std::vector<std::string> reasons = WhyUnknownInEach(profiles, programs, options);
  Recommendation recommendation;
  for (size_t i = 0; i < profiles.size(); ++i) {
    Recommendation share = ShareOf(profiles[i], reasons[i], keep, options, rows);
    if (i == 0)
      recommendation = std::move(share);
    else
      MergeAdvice(share, recommendation);
  }
  recommendation.remove = recommendation.remove - recommendation.unknown;
  return recommendation;
}

void NoteThatFilesWereKept(const std::string& why, Confidence& confidence) {
  confidence.state = "learning";
  confidence.open_conditions.insert(confidence.open_conditions.begin(), why);
}

}  // namespace

const char* Name(Advice advice) {
  switch (advice) {
    case Advice::kSafe: return "safe";
    case Advice::kUnsafe: return "unsafe";
    case Advice::kUnknown: return "unknown";
  }
  return "";
}

Judgement Judge(const Profile& profile, const CallSites& sites, const JudgeOptions& options) {
  return Judge(std::span(&profile, 1), sites, options);
}

Judgement Judge(std::span<const Profile> profiles, const CallSites& sites,
                const JudgeOptions& options) {
  Assessed all;
  std::vector<std::pair<std::string, Confidence>> confidences;
  for (const Profile& profile : profiles)
    confidences.emplace_back(NameOf(profile), AssessAll(profile, sites, options, all));
  Rows rows;
  for (auto& [capability, findings] : all.by_capability) {
    if (profiles.size() > 1) findings = MergeAlike(std::move(findings));
    rows[capability] = RowFor(capability, findings);
  }
  AddWhatNoCheckShows(profiles, sites.programs(), all, rows);

  Judgement judgement;
  judgement.recommendation = RecommendFor(profiles, all, sites.programs(), options, rows);
  const SetUp set_up =
      options.one_image || profiles.size() == 1 ? WhatOnlyNewFilesNeed(profiles) : SetUp();
  if (!options.assume_unused) WithholdForNewFiles(set_up, judgement.recommendation, rows);
  ShareUses(all.by_capability, rows);
  judgement.confidence = options.one_image ? ConfidenceInImage(profiles, confidences, LastNews(all),
                                                               options.stable_after)
                                           : WeakestOf(confidences);
  if (!set_up.why.empty()) NoteThatFilesWereKept(set_up.why, judgement.confidence);
  if (options.one_image)
    for (std::string& warning : DifferingSurroundings(profiles))
      judgement.recommendation.warnings.push_back(std::move(warning));
  const CapabilitySet held = HeldByAny(profiles);
  for (auto& [capability, row] : rows) {
    row.held = held.Has(capability);
    row.keep = judgement.recommendation.keep.Has(capability);
    judgement.capabilities.push_back(std::move(row));
  }
  std::stable_sort(judgement.capabilities.begin(), judgement.capabilities.end(),
                   [](const auto& a, const auto& b) { return a.verdict < b.verdict; });
  CountInstances(profiles, all, judgement);
  AssessCompleteness(profiles, sites, options, judgement);
  return judgement;
}

}  // namespace capmon
