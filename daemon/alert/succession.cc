// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/succession.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/alert/alert_rules.h"

namespace capmon {
namespace {

// Names that a container shares with its successor, the closest first.
std::vector<std::string> NamesOf(const Container& container) {
  std::vector<std::string> names;
  if (container.kind != ContainerKind::kContainer) return names;
  if (!container.id.empty()) names.push_back("id " + container.id);
  if (container.image.empty() || container.name.empty()) return names;
  const std::string owner =
      container.workload.empty() ? "" : container.pod_namespace + "/" + container.workload + "/";
  names.push_back("image " + owner + container.name + " " + container.image);
  return names;
}

}  // namespace

void Succession::Remember(const Profile& ended, const CallSites& sites) {
  if (ended.baseline == 0) return;
  const std::set<std::string> uses = NormalUses(ended, sites);
  for (const std::string& name : NamesOf(ended.container)) {
    Forget(name);
    uses_[name] = uses;
    order_.push_back(name);
    count_ += uses.size() + 1;
  }
  while (count_ > kMaxUses) Forget(std::string(order_.front()));
}

bool Succession::Inherit(Profile& fresh) const {
  if (fresh.baseline != 0 || fresh.container.removed != 0) return false;
  for (const std::string& name : NamesOf(fresh.container)) {
    const auto known = uses_.find(name);
    if (known == uses_.end()) continue;
    fresh.earlier_uses = known->second;
    fresh.baseline = std::max<TimeNs>(fresh.observed_from - 1, 1);
    return true;
  }
  return false;
}

void Succession::Forget(const std::string& name) {
  const auto known = uses_.find(name);
  if (known == uses_.end()) return;
  count_ -= known->second.size() + 1;
  uses_.erase(known);
  order_.erase(std::find(order_.begin(), order_.end(), name));
}

}  // namespace capmon
