// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/proofs.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/model/capability_facts.h"
#include "daemon/profile/unknowable.h"
#include "daemon/profile/use.h"

namespace capmon {
namespace {

CapabilityVerdict* FindVerdict(Capability capability, Judgement& judgement) {
  const auto found =
      std::ranges::find(judgement.capabilities, capability, &CapabilityVerdict::capability);
  return found == judgement.capabilities.end() ? nullptr : &*found;
}

std::string WhyOtherImage(const Proof& proof, std::span<const Profile> instances) {
  for (const Profile& instance : instances) {
    const std::string& digest = instance.container.image_digest;
    if (digest.empty() || proof.digest.empty())
      return "the image of an instance is not known, and a proof holds for one image";
    if (digest != proof.digest) return fmt::format("it is about another image, {}", proof.digest);
  }
  return "";
}

// A need is kept where one instance may have that image.
std::string WhyNotNeeded(const Proof& proof, std::span<const Profile> instances) {
  const bool may_be = std::ranges::any_of(instances, [&](const Profile& instance) {
    const std::string& digest = instance.container.image_digest;
    return digest.empty() || digest == proof.digest;
  });
  return may_be ? "" : WhyOtherImage(proof, instances);
}

std::string WhyOtherStart(const Proof& proof, std::span<const Profile> instances) {
  for (const Profile& instance : instances)
    if (std::string why = WhyOtherConditions(proof.conditions, ConditionsOf(instance));
        !why.empty())
      return why;
  return "";
}

// A use of which something is not known may be any use.
std::string WhyUntried(const Proof& proof, const CapabilityVerdict& row) {
  for (const std::string& use : row.uses)
    if (use.starts_with(kUnknownUse) || !proof.uses.contains(use))
      return fmt::format("it was used in a way that was not tried: {}", use);
  if (row.elsewhere) return "an imported instance needs it, or may need it";
  return "";
}

// The evidence must be able to show a use that was not tried.
std::string WhyUnseen(Capability capability, const JudgeOptions& options,
                      const Recommendation& advice) {
  if (!advice.unseen.Has(capability) || options.assume_unused) return "";
  if (advice.unknown_reason.empty()) return "the evidence may lack a use that was not tried";
  return fmt::format("the evidence may lack a use that was not tried: {}", advice.unknown_reason);
}

// Together with what is kept now, the job must have been done without it.
std::string WhyUntriedTogether(const Proof& proof, Capability capability, const Proofs& all,
                               const Recommendation& advice) {
  for (const auto& [other, later] : all)
    if (later.finding == ProofFinding::kUnneeded && other != capability && IsLater(later, proof) &&
        later.digest == proof.digest && later.keep.Has(capability))
      return fmt::format("{} was found unneeded later, while it was kept", CapabilityName(other));
  const CapabilitySet gone = proof.keep - (advice.keep | advice.unknown);
  if (gone.empty()) return "";
  return fmt::format("the job was done with {}, which is not kept now",
                     JoinNames(gone.members(), " and "));
}

std::string WhyWithdrawn(const Proof& proof, const CapabilityVerdict& row, const Proofs& all,
                         std::span<const Profile> instances, const JudgeOptions& options,
                         const Recommendation& advice) {
  if (proof.finding == ProofFinding::kNeeded) return WhyNotNeeded(proof, instances);
  std::string why = WhyOtherImage(proof, instances);
  if (proof.finding != ProofFinding::kUnneeded) return why;
  if (why.empty()) why = WhyOtherStart(proof, instances);
  if (why.empty()) why = WhyUntried(proof, row);
  if (why.empty()) why = WhyUnseen(row.capability, options, advice);
  if (why.empty()) why = WhyUntriedTogether(proof, row.capability, all, advice);
  return why;
}

// One instance alone may not show what withdraws a proof.
std::string WhyElsewhere(const Proof& proof, Capability capability, const Withdrawals& elsewhere) {
  const auto found = elsewhere.find(capability);
  return proof.finding != ProofFinding::kUnneeded || found == elsewhere.end() ? "" : found->second;
}

std::string DayOf(const Proof& proof) {
  constexpr size_t kDay = 10;  // "2026-01-31"
  return ClockTime(proof.at).substr(0, kDay);
}

void KeepProven(const Proof& proof, CapabilityVerdict& row, Recommendation& advice) {
  if (row.keep) {
    row.reason += fmt::format("; proven {}", DayOf(proof));
    return;
  }
  row.keep = true;
  if (!TraitsOf(row.verdict).is_need) row.verdict = Verdict::kRequired;
  row.reason = fmt::format("proven {}; without it: {}", DayOf(proof), proof.reason);
  advice.keep.Add(row.capability);
  advice.remove.Remove(row.capability);
  advice.unknown.Remove(row.capability);
}

// Where it is removed already, its denials make calls fail, as in the runs without it.
void RemoveProven(const Proof& proof, CapabilityVerdict& row, Recommendation& advice) {
  row.keep = false;
  if (row.verdict == Verdict::kMissing) row.verdict = Verdict::kTried;
  row.reason = fmt::format("proven unneeded {}: {}", DayOf(proof), proof.reason);
  advice.keep.Remove(row.capability);
  if (row.held) advice.remove.Add(row.capability);
  advice.proven_unneeded.Add(row.capability);
}

// What no instance held or checked has no row.
CapabilityVerdict& AddVerdict(Capability capability, Judgement& judgement) {
  CapabilityVerdict fresh;
  fresh.capability = capability;
  return judgement.capabilities.emplace_back(fresh);
}

}  // namespace

void ApplyProofs(const Proofs& proofs, std::span<const Profile> instances,
                 const JudgeOptions& options, Judgement& judgement, const Withdrawals& elsewhere) {
  Recommendation& advice = judgement.recommendation;
  for (const auto& [capability, proof] : proofs) {
    if (proof.finding != ProofFinding::kNeeded || !WhyNotNeeded(proof, instances).empty()) continue;
    CapabilityVerdict* const known = FindVerdict(capability, judgement);
    KeepProven(proof, known == nullptr ? AddVerdict(capability, judgement) : *known, advice);
  }
  // Each is judged by what is kept without the others. That all together leave enough follows from
  // the latest of those applied: its set has none of them, and is kept.
  const Recommendation before = advice;
  for (const auto& [capability, proof] : proofs) {
    CapabilityVerdict* const row = FindVerdict(capability, judgement);
    if (row == nullptr) continue;
    row->proof = proof;
    row->withdrawn = WhyElsewhere(proof, capability, elsewhere);
    if (row->withdrawn.empty())
      row->withdrawn = WhyWithdrawn(proof, *row, proofs, instances, options, before);
    if (proof.finding == ProofFinding::kUndecided) continue;
    if (!row->withdrawn.empty())
      row->reason +=
          fmt::format("; its proof of {} is withdrawn: {}", DayOf(proof), row->withdrawn);
    else if (proof.finding == ProofFinding::kUnneeded)
      RemoveProven(proof, *row, advice);
  }
  std::ranges::stable_sort(judgement.capabilities, {}, &CapabilityVerdict::verdict);
}

Withdrawals WithdrawnIn(const Judgement& judgement) {
  Withdrawals withdrawn;
  for (const CapabilityVerdict& row : judgement.capabilities)
    if (!row.withdrawn.empty()) withdrawn[row.capability] = row.withdrawn;
  return withdrawn;
}

}  // namespace capmon
