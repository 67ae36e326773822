// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "daemon/profile/advice.h"
#include "daemon/profile/capability_facts.h"
#include "daemon/profile/confidence.h"
#include "daemon/profile/constraints.h"
#include "daemon/profile/evidence_verdict.h"
#include "daemon/profile/filtered_calls.h"
#include "daemon/profile/keep_set.h"
#include "daemon/profile/sentence.h"
#include "daemon/profile/unknowable.h"

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

bool StrongerFirst(const Finding& a, const Finding& b) {
  const auto order = [](const Finding& f) {
    return std::make_tuple(f.judged.verdict, UINT64_MAX - f.judged.evidence.counts.count);
  };
  if (order(a) != order(b)) return order(a) < order(b);
  return a.judged.evidence.key < b.judged.evidence.key;
}

// The finding that speaks for a capability: the strongest that calls for it, else the strongest.
// A refusal to one program does not outweigh that another could not do without.
const Finding& Spokesman(const Findings& findings) {
  const auto keeping =
      std::find_if(findings.begin(), findings.end(), [](const Finding& f) { return f.keep; });
  return keeping != findings.end() ? *keeping : findings.front();
}

bool SpeaksAlong(const Finding& finding, const Finding& spokesman) {
  return finding.keep == spokesman.keep && finding.judged.verdict == spokesman.judged.verdict;
}

template <typename Strings>
std::vector<std::string> Sorted(Strings&& set) {
  return {set.begin(), set.end()};
}

void AddCounts(const Finding& finding, bool along, CapabilityVerdict& row) {
  const CheckEvidence& evidence = finding.judged.evidence;
  row.checks += evidence.counts.count;
  if (along && evidence.key.granted) row.used += evidence.counts.count;
  if (!evidence.key.granted && !TraitsOf(finding.judged.verdict).without_need)
    row.denied += evidence.counts.count;
  if (!along) return;
  row.first = row.first == 0 ? evidence.first : std::min(row.first, evidence.first);
  row.last = std::max(row.last, evidence.last);
  if (evidence.unread_to != 0) row.times_exact = false;
}

// What would do as well, for every use of this capability.
std::vector<Capability> NarrowerThan(Capability capability, const Findings& findings) {
  CapabilitySet common(~uint64_t{0});
  for (const Finding& finding : findings)
    if (finding.keep) common = common & finding.group;
  std::vector<Capability> narrower;
  if (common == CapabilitySet(~uint64_t{0})) return narrower;
  for (const Capability other : common.members())
    if (other != capability && PowerOf(other) <= PowerOf(capability)) narrower.push_back(other);
  return narrower;
}

CapabilityVerdict RowFor(const Profile& profile, Capability capability, Findings& findings) {
  std::sort(findings.begin(), findings.end(), StrongerFirst);
  const Finding& spokesman = Spokesman(findings);
  CapabilityVerdict row;
  row.capability = capability;
  row.verdict = spokesman.judged.verdict;
  row.reason = spokesman.judged.reason;
  row.narrower = NarrowerThan(capability, findings);
  std::set<std::string> binaries, sites, syscalls;
  for (const Finding& finding : findings) {
    const CheckEvidence& evidence = finding.judged.evidence;
    const bool along = SpeaksAlong(finding, spokesman);
    AddCounts(finding, along, row);
    row.evidence.push_back(finding.judged);
    if (!along) continue;
    if (!evidence.binary.empty() || profile.binaries.contains(evidence.key.exe))
      binaries.insert(ProgramOf(profile, evidence));
    if (!evidence.key.site.empty()) sites.insert(evidence.key.site);
    if (!evidence.key.syscall.empty()) syscalls.insert(evidence.key.syscall);
  }
  row.binaries = Sorted(binaries);
  row.sites = Sorted(sites);
  row.syscalls = Sorted(syscalls);
  return row;
}

using Rows = std::map<Capability, CapabilityVerdict>;

CapabilityVerdict& RowOf(Rows& rows, Capability capability) {
  CapabilityVerdict& row = rows[capability];
  row.capability = capability;
  return row;
}

void ApplyConstraints(const Profile& profile, const Programs& programs, Rows& rows,
                      CapabilitySet& needed) {
  for (const auto& [capability, reason] : ConstraintsOf(profile, programs)) {
    needed.Add(capability);
    CapabilityVerdict& row = RowOf(rows, capability);
    if (row.checks > 0 && row.verdict < Verdict::kConstraint && row.verdict != Verdict::kMissing)
      continue;
    row.verdict = Verdict::kConstraint;
    row.reason = reason;
  }
}

// Of what opens a gate in the seccomp filter, one that is needed anyway, or the least powerful.
void ApplyGates(const Profile& profile, Rows& rows, CapabilitySet& needed) {
  for (const GateNeed& need : GateNeedsOf(profile)) {
    if (!(need.any & needed).empty()) continue;
    const std::vector<Capability> any = need.any.members();
    const Capability least =
        *std::ranges::min_element(any, {}, [](Capability member) { return PowerOf(member); });
    needed.Add(least);
    CapabilityVerdict& row = RowOf(rows, least);
    row.verdict = Verdict::kConstraint;
    row.reason = need.reason;
  }
}

std::string RefusedBecause(const SetRefusal& refusal) {
  if (refusal.how == "exec")
    return fmt::format("{} carries it as a file capability, and was not executed without",
                       refusal.program);
  return fmt::format(
      "{} asked {} for it and was refused", refusal.program,
      refusal.how == "ambient" ? "prctl(2), as an ambient capability," : "capset(2)");
}

// What whole sets lacked. To a container that holds it, giving it again is no remedy.
void ApplyRefusals(const Profile& profile, CapabilitySet held, CapabilitySet needed, Rows& rows) {
  for (const auto& [key, refusal] : profile.refusals) {
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
    row.reason = fmt::format("does in place of {}", JoinNames(others.members(), " or "));
  }
}

void AddUnused(CapabilitySet held, Rows& rows) {
  for (const Capability capability : held.members())
    if (!rows.contains(capability)) RowOf(rows, capability).reason = "never asked for";
}

// Of what is held and not called for, nothing is known where the evidence cannot speak. A refusal
// that made a call fail stays what it is.
void WithholdJudgement(const Profile& profile, CapabilitySet uncalled, const JudgeOptions& options,
                       Recommendation& recommendation, Rows& rows) {
  recommendation.unknown_reason = WhyUnknown(profile, options.stable_after);
  if (options.assume_unused) return;
  const bool nothing_known = !recommendation.unknown_reason.empty();
  const CapabilitySet blurred = AskedInUnknownPlaces(profile);
  recommendation.unknown = nothing_known ? uncalled : uncalled & blurred;
  for (const Capability capability : recommendation.unknown.members()) {
    CapabilityVerdict& row = RowOf(rows, capability);
    if (row.verdict == Verdict::kMissing) continue;
    row.verdict = Verdict::kUnknown;
    row.reason = nothing_known ? recommendation.unknown_reason
                               : "it was asked for, but there was no room to note from where";
  }
}

bool IsCatalogued(const Finding& finding) {
  return finding.site != nullptr || finding.judged.verdict == Verdict::kNoise;
}

struct Assessed {
  std::map<Capability, Findings> by_capability;
  CapabilitySet needed;               // for themselves
  std::vector<CapabilitySet> groups;  // one of each
  uint64_t workload_checks = 0;
  uint64_t known_checks = 0;  // of these, at catalogued sites
};

Assessed AssessAll(const Profile& profile, const CallSites& sites, const JudgeOptions& options) {
  Assessed all;
  for (const auto& [key, evidence] : profile.checks) {
    Finding finding = Assess(profile, sites, evidence);
    if (!finding.gated) all.workload_checks += evidence.counts.count;
    if (!finding.gated && IsCatalogued(finding)) all.known_checks += evidence.counts.count;
    const bool keeps = Keeps(finding, options);
    if (keeps && finding.group.empty()) all.needed.Add(key.capability);
    if (keeps && !finding.group.empty()) all.groups.push_back(finding.group);
    all.by_capability[key.capability].push_back(std::move(finding));
  }
  return all;
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
  Assessed all = AssessAll(profile, sites, options);
  Rows rows;
  for (auto& [capability, findings] : all.by_capability)
    rows[capability] = RowFor(profile, capability, findings);
  ApplyConstraints(profile, sites.programs(), rows, all.needed);
  ApplyGates(profile, rows, all.needed);
  ApplyRefusals(profile, HeldBy(profile), all.needed, rows);

  Judgement judgement;
  const CapabilitySet held = HeldBy(profile);
  Recommendation& recommendation = judgement.recommendation;
  recommendation.keep = Choose(all.needed, all.groups, held);
  NameSubstitutes(recommendation.keep - all.needed, all.groups, rows);
  if (profile.held) AddUnused(held, rows);
  WithholdJudgement(profile, held - recommendation.keep, options, recommendation, rows);
  if (profile.held) recommendation.remove = held - recommendation.keep - recommendation.unknown;
  AdviseBeyondCapabilities(profile, recommendation);
  judgement.confidence =
      ConfidenceIn(profile, all.known_checks, all.workload_checks, options.stable_after);

  for (auto& [capability, row] : rows) {
    row.held = held.Has(capability);
    row.keep = recommendation.keep.Has(capability);
    judgement.capabilities.push_back(std::move(row));
  }
  std::stable_sort(judgement.capabilities.begin(), judgement.capabilities.end(),
                   [](const auto& a, const auto& b) { return a.verdict < b.verdict; });
  return judgement;
}

}  // namespace capmon
