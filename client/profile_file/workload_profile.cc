// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/workload_profile.h"

#include <algorithm>

#include "daemon/profile/same_instance.h"

namespace capmon {
namespace {

// Unsafe before unknown before safe; an edited file may leave out what is unknown.
void TakeWorse(const std::string& advice, std::string& into) {
  const auto rank = [](const std::string& word) {
    return word == "unsafe" ? 3 : word == "unknown" ? 2 : word.empty() ? 1 : 0;
  };
  if (rank(advice) > rank(into)) into = advice;
}

void TakeStronger(const Verdicts& verdicts, Verdicts& into) {
  for (const auto& [name, verdict] : verdicts) {
    const auto known = into.emplace(name, verdict).first;
    known->second = std::min(known->second, verdict);
  }
}

// Leaves each capability where it means most: a need, before unknown, denied and unneeded.
void KeepStrongest(InstanceRow& row) {
  std::erase_if(row.unknown, [&](const auto& name) { return row.needs.contains(name); });
  const auto decided = [&](const std::string& name) {
    return row.needs.contains(name) || row.unknown.contains(name);
  };
  std::erase_if(row.denied, [&](const auto& entry) { return decided(entry.first); });
  std::erase_if(row.unneeded, [&](const auto& entry) {
    return decided(entry.first) || row.denied.contains(entry.first);
  });
}

// How it ran: what hides more, or asks for more care.
void UniteSituation(const InstanceRow& row, InstanceRow& into) {
  into.held_known |= row.held_known;
  into.privileged |= row.privileged;
  into.filtered &= row.filtered;
  if (row.user) into.user = into.user ? std::min(*into.user, *row.user) : *row.user;
  into.ambient.insert(row.ambient.begin(), row.ambient.end());
  UniteFacts(row.surroundings, kMaxFactsOfRow, into.surroundings);
  into.node = std::max(into.node, row.node);
}

void Unite(const InstanceRow& row, InstanceRow& into) {
  if (row.observed > into.observed)
    into.state = row.state;
  else if (row.observed == into.observed)
    into.state = std::min(into.state, row.state);  // "learning" before "stable"
  into.observed = std::max(into.observed, row.observed);
  into.starts = std::max(into.starts, row.starts);
  into.lost = std::max(into.lost, row.lost);
  TakeWorse(row.no_new_privileges, into.no_new_privileges);
  TakeWorse(row.non_root, into.non_root);
  UniteSituation(row, into);
  TakeStronger(row.needs, into.needs);
  TakeStronger(row.unneeded, into.unneeded);
  TakeStronger(row.denied, into.denied);
  into.unknown.insert(row.unknown.begin(), row.unknown.end());
  KeepStrongest(into);
}

}  // namespace

void MergeInto(WorkloadProfile& into, const WorkloadProfile& from) {
  into.declared.insert(from.declared.begin(), from.declared.end());
  for (const auto& [key, row] : from.rows) {
    const auto [mine, added] = into.rows.try_emplace(key, row);
    if (!added) Unite(row, mine->second);
  }
  for (const auto& [name, proof] : from.proofs) {
    FiledProof& mine = into.proofs[name];
    mine = std::max(mine, proof);
  }
}

void MergeInto(ProfileSet& into, const ProfileSet& from) {
  for (const auto& [key, profile] : from) MergeInto(into[key], profile);
}

}  // namespace capmon
