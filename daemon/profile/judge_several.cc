// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/judge_several.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace capmon {
namespace {

// What a finding means, apart from which container it was found in.
auto MeaningOf(const Finding& finding) {
  CheckKey key = finding.judged.evidence.key;
  key.exe = 0;
  key.target_level = key.cred_depth = 0;  // the verdict has them in it
  return std::make_tuple(key, finding.program, finding.judged.verdict, finding.keep, finding.gated,
                         finding.judged.reason);
}

template <typename Set>
void Unite(const Set& other, size_t most, Set& into) {
  for (const auto& member : other)
    if (into.size() < most) into.insert(member);
}

void Add(const CheckEvidence& other, CheckEvidence& into) {
  into.counts += other.counts;
  into.first = std::min(into.first, other.first);
  into.last = std::max(into.last, other.last);
  if (other.unread_to != 0) {
    into.unread_from =
        into.unread_to == 0 ? other.unread_from : std::min(into.unread_from, other.unread_from);
    into.unread_to = std::max(into.unread_to, other.unread_to);
  }
  Unite(other.stacks, CheckEvidence::kMaxStacks, into.stacks);
  Unite(other.inner_cgroups, CheckEvidence::kMaxInnerCgroups, into.inner_cgroups);
}

template <typename T>
void AddNew(const std::vector<T>& others, std::vector<T>& into) {
  for (const T& other : others)
    if (std::ranges::find(into, other) == into.end()) into.push_back(other);
}

// Unsafe before unknown before safe.
void Worse(Advice other, const std::string& reason, Advice& into, std::string& into_reason) {
  const auto rank = [](Advice advice) {
    return advice == Advice::kUnsafe ? 2 : advice == Advice::kUnknown ? 1 : 0;
  };
  if (rank(other) <= rank(into)) return;
  into = other;
  into_reason = reason;
}

}  // namespace

std::vector<Finding> MergeAlike(std::vector<Finding> findings) {
  std::map<decltype(MeaningOf(findings.front())), size_t> places;
  std::vector<Finding> merged;
  for (Finding& finding : findings) {
    const auto [place, fresh] = places.emplace(MeaningOf(finding), merged.size());
    if (fresh)
      merged.push_back(std::move(finding));
    else
      Add(finding.judged.evidence, merged[place->second].judged.evidence);
  }
  return merged;
}

void MergeAdvice(const Recommendation& other, Recommendation& into) {
  into.remove = into.remove | other.remove;
  into.unknown = into.unknown | other.unknown;
  if (into.unknown_reason.empty()) into.unknown_reason = other.unknown_reason;
  Worse(other.no_new_privileges, other.no_new_privileges_reason, into.no_new_privileges,
        into.no_new_privileges_reason);
  Worse(other.non_root, other.non_root_reason, into.non_root, into.non_root_reason);
  AddNew(other.warnings, into.warnings);
}

Confidence WeakestOf(const std::vector<std::pair<std::string, Confidence>>& members) {
  Confidence all;
  all.state = "learning";
  if (members.empty()) return all;
  all = members.front().second;
  if (members.size() == 1) return all;
  all.open_conditions.clear();
  all.starts = all.lost = 0;
  all.losses.clear();
  for (const auto& [name, one] : members) {
    if (one.state != "stable") all.state = one.state;
    all.observed_seconds = std::min(all.observed_seconds, one.observed_seconds);
    all.starts += one.starts;
    all.lost += one.lost;
    for (const auto& [cause, count] : one.losses) all.losses[cause] += count;
    all.known_sites = std::min(all.known_sites, one.known_sites);
    AddNew(one.blind_spots, all.blind_spots);
    AddNew(one.gaps, all.gaps);
    for (const std::string& condition : one.open_conditions)
      all.open_conditions.push_back(fmt::format("{}: {}", name, condition));
  }
  std::ranges::sort(all.gaps, {}, [](const Gap& gap) { return gap.from; });
  return all;
}

}  // namespace capmon
