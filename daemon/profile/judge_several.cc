// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/judge_several.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "daemon/profile/unknowable.h"

namespace capmon {
namespace {

// What a finding means, apart from which container it was found in.
auto MeaningOf(const Finding& finding) {
  CheckKey key = finding.judged.evidence.key;
  key.exe = 0;
  key.target_level = key.cred_depth = 0;  // the verdict has them in it
  return std::make_tuple(key, finding.program, finding.program_known, finding.judged.verdict,
                         finding.keep, finding.gated, finding.judged.reason);
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
  into.unwatched += other.unwatched;
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
  into.unseen = into.unseen | other.unseen;
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

namespace {

constexpr char kOneStart[] = "only 1 start was seen";

// Stable before learning, then what has least to wait for, then what still runs, then what was
// watched longest.
auto RankOf(const Confidence& confidence, const Profile& profile) {
  return std::make_tuple(confidence.state != "stable", confidence.open_conditions.size(),
                         profile.container.removed != 0, -confidence.observed_seconds);
}

void AddLosses(const Confidence& one, Confidence& all) {
  all.starts += one.starts;
  all.lost += one.lost;
  for (const auto& [cause, count] : one.losses) all.losses[cause] += count;
  all.known_sites = std::min(all.known_sites, one.known_sites);
  all.observed_seconds = std::max(all.observed_seconds, one.observed_seconds);
  AddNew(one.blind_spots, all.blind_spots);
  AddNew(one.gaps, all.gaps);
}

}  // namespace

Confidence ConfidenceInImage(std::span<const Profile> instances,
                             const std::vector<std::pair<std::string, Confidence>>& members,
                             const News& last_news, TimeNs stable_after) {
  if (members.size() < 2) return WeakestOf(members);
  size_t best = 0;
  TimeNs until = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    if (RankOf(members[i].second, instances[i]) < RankOf(members[best].second, instances[best]))
      best = i;
    until = std::max(until, instances[i].observed_until);
  }
  Confidence all = members[best].second;
  all.starts = all.lost = 0;
  all.losses.clear();
  for (size_t i = 0; i < members.size(); ++i) {
    AddLosses(members[i].second, all);
    const std::string why = i == best ? "" : WhyUnknownSinceStart(instances[i]);
    if (why.empty()) continue;
    all.state = "learning";
    all.open_conditions.push_back(fmt::format("{}: {}", members[i].first, why));
  }
  if (last_news.at != 0 && until - last_news.at < stable_after && all.state == "stable") {
    all.state = "learning";
    all.open_conditions.push_back(
        fmt::format("an instance showed something new a short time ago: {}", last_news.what));
  }
  if (all.starts > 1) std::erase(all.open_conditions, kOneStart);
  std::ranges::sort(all.gaps, {}, [](const Gap& gap) { return gap.from; });
  return all;
}

namespace {

// Whether the start of one container shows what another of its image does at its start: if it is
// started with the same command, or took its place.
bool VouchesFor(const Container& seen, const Container& unseen) {
  return seen.command == unseen.command || (unseen.removed != 0 && seen.removed == 0);
}

}  // namespace

std::vector<std::string> WhyUnknownInImage(std::span<const Profile> instances,
                                           TimeNs stable_after) {
  std::vector<std::string> reasons;
  for (const Profile& profile : instances) reasons.push_back(WhyUnknown(profile, stable_after));
  std::vector<const Container*> seen;
  for (size_t i = 0; i < reasons.size(); ++i)
    if (reasons[i].empty()) seen.push_back(&instances[i].container);
  for (size_t i = 0; i < reasons.size(); ++i)
    if (std::ranges::any_of(
            seen, [&](const Container* one) { return VouchesFor(*one, instances[i].container); }))
      reasons[i] = WhyUnknownSinceStart(instances[i]);
  return reasons;
}

std::vector<std::string> DifferingSurroundings(std::span<const Profile> instances) {
  constexpr size_t kMostValues = 4;
  std::map<std::string, std::set<std::string>> values;
  for (const Profile& profile : instances)
    for (const auto& [name, value] : profile.surroundings)
      if (values[name].size() < kMostValues) values[name].insert(value);
  std::vector<std::string> warnings;
  for (const auto& [name, different] : values)
    if (different.size() > 1)
      warnings.push_back(fmt::format(
          "instances ran with different {} ({}): what one needed, another may not have asked for",
          name, fmt::join(different, ", ")));
  return warnings;
}

}  // namespace capmon
