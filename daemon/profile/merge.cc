// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/merge.h"

#include <algorithm>
#include <utility>

#include "daemon/profile/add_bounded.h"
#include "daemon/profile/learn.h"
#include "daemon/profile/program_files.h"

namespace capmon {
namespace {

template <typename Container>
void AddUpTo(size_t most, Container& into, const Container& from) {
  for (const auto& one : from)
    if (into.size() < most) into.insert(one);
}

void MergeCheck(CheckEvidence& into, const CheckEvidence& from) {
  CheckEvidence merged = into.callers.empty() ? from : into;
  merged.inner_cgroups = into.inner_cgroups;
  AddUpTo(CheckEvidence::kMaxInnerCgroups, merged.inner_cgroups, from.inner_cgroups);
  merged.stacks = into.stacks;
  AddUpTo(CheckEvidence::kMaxStacks, merged.stacks, from.stacks);
  merged.counts = into.counts;
  merged.counts += from.counts;
  merged.unread_from = into.unread_from;
  merged.unread_to = into.unread_to;
  if (from.unread_to != 0) NoteUnread(merged, from.unread_from, from.unread_to);
  merged.unwatched = into.unwatched + from.unwatched;
  merged.first = std::min(into.first, from.first);
  merged.last = std::max(into.last, from.last);
  into = std::move(merged);
}

void MergeChecks(Profile& into, const Profile& from) {
  for (const auto& [key, evidence] : from.checks) {
    if (CheckEvidence* const known = FindOrAddCheck(into, key, evidence.first))
      MergeCheck(*known, evidence);
    else
      into.evidence_dropped += evidence.counts.count;
  }
  into.evidence_dropped += from.evidence_dropped;
}

// One that had another name there has several.
void MergeBinaries(Profile& into, const Profile& from) {
  for (const auto& [exe, path] : from.binaries) {
    const auto known = into.binaries.find(exe);
    if (known != into.binaries.end() && known->second != path)
      known->second.clear();
    else if (into.binaries.size() < Profile::kMaxBinaries)
      into.binaries.emplace(exe, path);
  }
}

void MergeSets(Profile& into, const Profile& from) {
  if (!into.held) into.held = from.held;
  if (into.entry_pid == 0) {
    into.entry_pid = from.entry_pid;
    into.entry_exes = from.entry_exes;
    into.entry_arguments = from.entry_arguments;
  }
  into.capset_permitted = into.capset_permitted | from.capset_permitted;
  into.raised = into.raised | from.raised;
  if (into.raised_by.empty()) into.raised_by = from.raised_by;
  if (into.user_map.empty()) into.user_map = from.user_map;
}

void MergeRefusals(Profile& into, const Profile& from) {
  for (const auto& [name, refusal] : from.refusals)
    AddBounded(into.refusals, name, refusal, Profile::kMaxRefusals, into.evidence_dropped);
}

void MergeCalls(Profile& into, const Profile& from) {
  for (const auto& [syscall, use] : from.calls) {
    GatedCallUse& known = into.calls[syscall];
    if (known.comm.empty()) known.comm = use.comm;
    known.passed = known.passed || use.passed;
    known.refused = known.refused || use.refused;
  }
}

void MergeGains(Profile& into, const Profile& from) {
  for (const auto& [name, gain] : from.gains)
    AddBounded(into.gains, name, gain, Profile::kMaxGains, into.evidence_dropped);
}

// Both had the gaps in which capmond did not run; those of one alone are the container's as well.
void MergeGaps(Profile& into, const Profile& from) {
  std::vector<Gap> gaps = std::exchange(into.gaps, {});
  for (const Gap& gap : from.gaps)
    if (std::find(gaps.begin(), gaps.end(), gap) == gaps.end()) gaps.push_back(gap);
  std::stable_sort(gaps.begin(), gaps.end(),
                   [](const Gap& a, const Gap& b) { return a.from < b.from; });
  for (const Gap& gap : gaps) Learn(into, gap);
}

void MergeTimes(Profile& into, const Profile& from) {
  if (into.observed_from == 0 ||
      (from.observed_from != 0 && from.observed_from < into.observed_from))
    into.observed_from = from.observed_from;
  into.observed_until = std::max(into.observed_until, from.observed_until);
  into.last_news = std::max(into.last_news, from.last_news);
  into.starts += from.starts;
  into.shutdowns += from.shutdowns;
  into.unwatched += from.unwatched;
  into.activity.at_start += from.activity.at_start;
  into.activity.since += from.activity.since;
  into.activity.last = std::max(into.activity.last, from.activity.last);
}

}  // namespace

void Merge(Profile& into, const Profile& from) {
  MergeChecks(into, from);
  MergeSets(into, from);
  MergeRefusals(into, from);
  MergeCalls(into, from);
  MergeGains(into, from);
  MergeGaps(into, from);
  MergeTimes(into, from);
  for (const auto& [exe, file] : from.files) LearnFile(into, exe, file);
  for (const auto& [cause, count] : from.losses) into.losses[cause] += count;
  AddUpTo(Profile::kMaxEarlierUses, into.earlier_uses, from.earlier_uses);
  MergeBinaries(into, from);
  into.surroundings.insert(from.surroundings.begin(), from.surroundings.end());
}

}  // namespace capmon
