// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/keep_set.h"

#include <linux/capability.h>

#include <algorithm>

#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

constexpr size_t kMaxSearched = 16;  // candidates; beyond, all of them are kept

// What is already given out everywhere costs least; what the container does not hold costs most.
// Each step is beyond the weights of all others together.
int CostOf(Capability capability, CapabilitySet held) {
  constexpr int kNotHeld = 100 * 1000;
  constexpr int kSpecial = 1000;
  int cost = FactsOf(capability).weight;
  if (!FactsOf(capability).commonplace) cost += kSpecial;
  if (!held.Has(capability)) cost += kNotHeld;
  return cost;
}

bool Serves(CapabilitySet chosen, const std::vector<CapabilitySet>& groups) {
  return std::all_of(groups.begin(), groups.end(),
                     [&](CapabilitySet group) { return !(group & chosen).empty(); });
}

}  // namespace

CapabilitySet Choose(CapabilitySet needed, std::vector<CapabilitySet> groups, CapabilitySet held) {
  CapabilitySet candidates;
  std::erase_if(groups, [&](CapabilitySet group) { return !(group & needed).empty(); });
  for (CapabilitySet& group : groups) {
    if (group.size() > 1) group.Remove(CAP_SYS_ADMIN);
    candidates = candidates | group;
  }
  const auto by_bits = [](CapabilitySet a, CapabilitySet b) { return a.bits() < b.bits(); };
  std::sort(groups.begin(), groups.end(), by_bits);
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  std::vector<Capability> members = candidates.members();
  std::stable_sort(members.begin(), members.end(),
                   [&](Capability a, Capability b) { return CostOf(a, held) < CostOf(b, held); });
  if (members.size() > kMaxSearched) members.resize(kMaxSearched);

  CapabilitySet best = candidates;
  int best_cost = -1;
  for (uint64_t subset = 0; subset < uint64_t{1} << members.size(); ++subset) {
    CapabilitySet chosen;
    int cost = 0;
    for (size_t i = 0; i < members.size(); ++i) {
      if (!(subset >> i & 1)) continue;
      chosen.Add(members[i]);
      cost += CostOf(members[i], held);
    }
    if ((best_cost >= 0 && cost >= best_cost) || !Serves(chosen, groups)) continue;
    best = chosen;
    best_cost = cost;
  }
  return needed | best;
}

}  // namespace capmon
