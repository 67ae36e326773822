// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/imported.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/profile/judge_several.h"
#include "daemon/profile/same_instance.h"

namespace capmon {
namespace {

// One capability over all rows.
struct Tally {
  Verdict need = Verdict::kUnknown;  // the strongest
  uint64_t needs = 0;
  uint64_t unknown = 0;
  uint64_t unneeded = 0;
  uint64_t denied = 0;
  bool declared = false;
};

// Of a row from the store that is no longer read as it was written, a need stays one.
bool IsNeed(Verdict verdict) {
  return static_cast<size_t>(verdict) < kVerdicts.size() && TraitsOf(verdict).is_need;
}

// Unsafe before unknown before safe.
Advice WorseOf(Advice a, Advice b) {
  if (a == Advice::kUnsafe || b == Advice::kUnsafe) return Advice::kUnsafe;
  return a == Advice::kUnknown || b == Advice::kUnknown ? Advice::kUnknown : Advice::kSafe;
}

std::map<Capability, Tally> TallyOf(std::span<const ImportedRow* const> rows) {
  std::map<Capability, Tally> tallies;
  for (const ImportedRow* const row : rows) {
    for (const auto& [capability, verdict] : row->needs) {
      Tally& tally = tallies[capability];
      tally.need = std::min(tally.need, IsNeed(verdict) ? verdict : Verdict::kRequired);
      tally.declared |= row->declared;
      tally.needs += row->declared ? 0 : 1;
    }
    for (const Capability capability : row->unknown.members()) ++tallies[capability].unknown;
    for (const Capability capability : row->unneeded.members()) ++tallies[capability].unneeded;
    for (const Capability capability : row->denied.members()) ++tallies[capability].denied;
  }
  return tallies;
}

CapabilityVerdict& RowOf(Capability capability, Judgement& judgement) {
  for (CapabilityVerdict& row : judgement.capabilities)
    if (row.capability == capability) return row;
  CapabilityVerdict fresh;
  fresh.capability = capability;
  return judgement.capabilities.emplace_back(fresh);
}

std::string Counted(uint64_t count, const Judgement& judgement) {
  return fmt::format("{} of {} imported {}", count, judgement.imported,
                     judgement.imported == 1 ? "instance" : "instances");
}

void Keep(const Tally& tally, CapabilityVerdict& row, Judgement& judgement) {
  if (row.keep) return;
  row.keep = true;
  row.verdict = tally.need;
  row.reason = tally.needs == 0 ? std::string("declared by hand in an imported file")
                                : "needed by " + Counted(tally.needs, judgement);
  Recommendation& advice = judgement.recommendation;
  advice.keep.Add(row.capability);
  advice.remove.Remove(row.capability);
  advice.unknown.Remove(row.capability);
}

void MakeUnknown(const Tally& tally, CapabilityVerdict& row, Judgement& judgement) {
  Recommendation& advice = judgement.recommendation;
  if (advice.unknown.Has(row.capability)) return;
  row.verdict = Verdict::kUnknown;
  row.reason = "unknown in " + Counted(tally.unknown, judgement);
  advice.unknown.Add(row.capability);
  advice.remove.Remove(row.capability);
  if (advice.unknown_reason.empty())
    advice.unknown_reason = "the evidence of imported instances cannot show a need";
}

void Apply(Capability capability, const Tally& tally, const JudgeOptions& options,
           Judgement& judgement) {
  CapabilityVerdict& row = RowOf(capability, judgement);
  row.imported_used = tally.needs + tally.denied;
  row.held |= judgement.instances == 0 && tally.needs + tally.unknown + tally.unneeded > 0;
  const bool only_degrades = tally.need == Verdict::kDegrades && !tally.declared;
  if ((tally.needs > 0 || tally.declared) && !(only_degrades && options.strict_minimal))
    return Keep(tally, row, judgement);
  if (row.keep) return;
  if (tally.unknown > 0 && !options.assume_unused) return MakeUnknown(tally, row, judgement);
  if (tally.denied > 0 && !judgement.recommendation.unknown.Has(capability)) {
    row.verdict = std::min(row.verdict, Verdict::kMissing);
    row.reason = "denied to " + Counted(tally.denied, judgement);
    judgement.recommendation.remove.Remove(capability);
  } else if (judgement.instances == 0) {
    row.reason = "unneeded in " + Counted(tally.unneeded + tally.needs, judgement);
    judgement.recommendation.remove.Add(capability);
  }
}

// As for instances here: unsafe for one is unsafe for all, safe only if for all.
void TakeAdvice(const ImportedRow& row, Recommendation& advice) {
  Recommendation other;
  other.no_new_privileges = row.no_new_privileges;
  other.non_root = row.non_root;
  other.no_new_privileges_reason = other.non_root_reason = "by an imported instance";
  MergeAdvice(other, advice);
}

void Warn(std::span<const ImportedRow* const> rows, std::span<const Profile> instances,
          Judgement& judgement) {
  std::vector<Profile> all(instances.begin(), instances.end());
  uint64_t lost = 0;
  for (const ImportedRow* const row : rows) {
    all.emplace_back().surroundings = row->surroundings;
    lost += std::min(row->lost, ImportedRow::kMaxCount);
  }
  std::vector<std::string>& warnings = judgement.recommendation.warnings;
  for (std::string& warning : DifferingSurroundings(all))
    if (std::ranges::find(warnings, warning) == warnings.end())
      warnings.push_back(std::move(warning));
  if (lost > 0)
    warnings.push_back(fmt::format(
        "imported instances lost {} checks or records: they may have needed what is called unneeded",
        lost));
}

}  // namespace

std::vector<const ImportedRow*> RowsFor(const ImportedRows& all, const std::string& workload,
                                        const std::string& digest) {
  std::vector<const ImportedRow*> rows;
  for (auto row = all.lower_bound({workload, "", ""});
       row != all.end() && row->first.workload == workload; ++row)
    if (digest.empty() || row->first.digest.empty() || row->first.digest == digest)
      rows.push_back(&row->second);
  return rows;
}

bool Unite(const ImportedRow& row, ImportedRow& into) {
  ImportedRow all = into;
  if (row.observed >= all.observed)
    all.stable = row.stable && (row.observed > all.observed || all.stable);
  all.observed = std::max(all.observed, row.observed);
  all.declared &= row.declared;
  all.starts = std::max(all.starts, row.starts);
  all.lost = std::max(all.lost, row.lost);
  all.no_new_privileges = WorseOf(row.no_new_privileges, all.no_new_privileges);
  all.non_root = WorseOf(row.non_root, all.non_root);
  for (const auto& [capability, verdict] : row.needs) {
    const auto [known, fresh] = all.needs.emplace(capability, verdict);
    known->second = std::min(known->second, verdict);
  }
  all.unknown = all.unknown | row.unknown;
  all.unneeded = all.unneeded | row.unneeded;
  all.denied = all.denied | row.denied;
  KeepStrongest(all);
  UniteFacts(row.surroundings, ImportedRow::kMaxSurroundings, all.surroundings);
  if (all == into) return false;
  all.file = row.file;
  all.by = row.by;
  all.at = row.at;
  into = std::move(all);
  return true;
}

void KeepStrongest(ImportedRow& row) {
  CapabilitySet needed;
  for (const auto& [capability, verdict] : row.needs) needed.Add(capability);
  row.unknown = row.unknown - needed;
  row.denied = row.denied - needed - row.unknown;
  row.unneeded = row.unneeded - needed - row.unknown - row.denied;
}

void AddImported(std::span<const ImportedRow* const> rows, std::span<const Profile> instances,
                 const JudgeOptions& options, Judgement& judgement) {
  if (rows.empty()) return;
  if (instances.empty()) {
    judgement.instances = 0;
    // Safe for all there are; of a need declared by hand alone nothing is known.
    const bool seen = std::ranges::any_of(rows, [](const auto* row) { return !row->declared; });
    judgement.recommendation.no_new_privileges = judgement.recommendation.non_root =
        seen ? Advice::kSafe : Advice::kUnknown;
  }
  for (const ImportedRow* const row : rows) {
    if (row->declared) continue;
    ++judgement.imported;
    TakeAdvice(*row, judgement.recommendation);
  }
  for (const auto& [capability, tally] : TallyOf(rows))
    Apply(capability, tally, options, judgement);
  std::ranges::stable_sort(judgement.capabilities, {}, &CapabilityVerdict::verdict);
  Warn(rows, instances, judgement);
}

}  // namespace capmon
