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
  bool seen_here = false;  // needed by an instance that is not counted again
  bool may_be_needed = false;
  bool was_denied = false;
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

// What one instance showed, by all rows about it.
struct Instance {
  ImportedRow row;
  bool seen_here = false;

  bool counts() const { return !row.declared && !seen_here; }
};

std::vector<Instance> InstancesIn(std::span<const ImportedEntry* const> rows,
                                  const SeenHere& seen) {
  std::map<std::string, Instance> instances;
  for (const ImportedEntry* const entry : rows) {
    const std::string& name = entry->first.instance;
    const auto [known, fresh] = instances.try_emplace(name, Instance{entry->second, false});
    if (fresh)
      known->second.seen_here = !entry->second.declared && seen.Has(name);
    else
      Unite(entry->second, known->second.row);
  }
  std::vector<Instance> all;
  for (auto& [name, instance] : instances) all.push_back(std::move(instance));
  return all;
}

std::map<Capability, Tally> TallyOf(const std::vector<Instance>& instances) {
  std::map<Capability, Tally> tallies;
  for (const Instance& instance : instances) {
    const ImportedRow& row = instance.row;
    for (const auto& [capability, verdict] : row.needs) {
      Tally& tally = tallies[capability];
      tally.need = std::min(tally.need, IsNeed(verdict) ? verdict : Verdict::kRequired);
      tally.declared |= row.declared;
      tally.seen_here |= instance.seen_here;
      tally.needs += instance.counts() ? 1 : 0;
    }
    const uint64_t one = instance.counts() ? 1 : 0;
    for (const Capability capability : row.unneeded.members()) tallies[capability].unneeded += one;
    for (const Capability capability : row.unknown.members()) {
      tallies[capability].unknown += one;
      tallies[capability].may_be_needed = true;
    }
    for (const Capability capability : row.denied.members()) {
      tallies[capability].denied += one;
      tallies[capability].was_denied = true;
    }
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

// "needed by 2 of 4 imported instances"; by no more than what was seen here already otherwise.
std::string Counted(const char* what, uint64_t count, const Judgement& judgement) {
  if (count == 0) return fmt::format("{} an instance seen here, by an imported file", what);
  return fmt::format("{} {} of {} imported {}", what, count, judgement.imported,
                     judgement.imported == 1 ? "instance" : "instances");
}

void Keep(const Tally& tally, CapabilityVerdict& row, Judgement& judgement) {
  if (row.keep) return;
  row.keep = true;
  row.verdict = tally.need;
  row.reason = tally.needs == 0 && !tally.seen_here
                   ? std::string("declared by hand in an imported file")
                   : Counted("needed by", tally.needs, judgement);
  Recommendation& advice = judgement.recommendation;
  advice.keep.Add(row.capability);
  advice.remove.Remove(row.capability);
  advice.unknown.Remove(row.capability);
}

void MakeUnknown(const Tally& tally, CapabilityVerdict& row, Judgement& judgement) {
  Recommendation& advice = judgement.recommendation;
  if (advice.unknown.Has(row.capability)) return;
  row.verdict = Verdict::kUnknown;
  row.reason = Counted("unknown in", tally.unknown, judgement);
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
  const bool needed = tally.needs > 0 || tally.seen_here || tally.declared;
  row.elsewhere = needed || tally.may_be_needed || tally.was_denied;
  const bool only_degrades = tally.need == Verdict::kDegrades && !tally.declared;
  if (needed && !(only_degrades && options.strict_minimal)) return Keep(tally, row, judgement);
  if (row.keep) return;
  if (tally.may_be_needed && !options.assume_unused) return MakeUnknown(tally, row, judgement);
  if (tally.was_denied && !judgement.recommendation.unknown.Has(capability)) {
    row.verdict = std::min(row.verdict, Verdict::kMissing);
    row.reason = Counted("denied to", tally.denied, judgement);
    judgement.recommendation.remove.Remove(capability);
  } else if (judgement.instances == 0) {
    row.reason = Counted("unneeded in", tally.unneeded + tally.needs, judgement);
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

void Warn(const std::vector<Instance>& imported, std::span<const Profile> instances,
          Judgement& judgement) {
  std::vector<Profile> all(instances.begin(), instances.end());
  uint64_t lost = 0;
  for (const Instance& instance : imported) {
    all.emplace_back().surroundings = instance.row.surroundings;
    lost += std::min(instance.row.lost, ImportedRow::kMaxCount);
  }
  std::vector<std::string>& warnings = judgement.recommendation.warnings;
  for (std::string& warning : DifferingSurroundings(all))
    if (std::ranges::find(warnings, warning) == warnings.end())
      warnings.push_back(std::move(warning));
  if (lost > 0)
    warnings.push_back(
        fmt::format("imported instances lost {} checks or records: they may have needed what is "
                    "called unneeded",
                    lost));
}

}  // namespace

std::vector<const ImportedEntry*> RowsFor(const ImportedRows& all, const std::string& workload,
                                          const std::string& digest) {
  std::vector<const ImportedEntry*> rows;
  for (auto row = all.lower_bound({workload, "", ""});
       row != all.end() && row->first.workload == workload; ++row)
    if (digest.empty() || row->first.digest.empty() || row->first.digest == digest)
      rows.push_back(&*row);
  return rows;
}

size_t CountOf(const ImportedRows& all, const std::string& workload) {
  size_t count = 0;
  for (auto row = all.lower_bound({workload, "", ""});
       row != all.end() && row->first.workload == workload; ++row)
    ++count;
  return count;
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

void AddImported(std::span<const ImportedEntry* const> rows, std::span<const Profile> instances,
                 const SeenHere& seen, const JudgeOptions& options, Judgement& judgement) {
  if (rows.empty()) return;
  const std::vector<Instance> imported = InstancesIn(rows, seen);
  if (instances.empty()) {
    judgement.instances = 0;
    // Safe for all there are; of a need declared by hand alone nothing is known.
    const bool any =
        std::ranges::any_of(imported, [](const auto& one) { return !one.row.declared; });
    judgement.recommendation.no_new_privileges = judgement.recommendation.non_root =
        any ? Advice::kSafe : Advice::kUnknown;
  }
  for (const Instance& instance : imported) {
    if (instance.counts()) ++judgement.imported;
    if (!instance.row.declared) TakeAdvice(instance.row, judgement.recommendation);
  }
  for (const auto& [capability, tally] : TallyOf(imported))
    Apply(capability, tally, options, judgement);
  std::ranges::stable_sort(judgement.capabilities, {}, &CapabilityVerdict::verdict);
  Warn(imported, instances, judgement);
}

}  // namespace capmon
