// SPDX-License-Identifier: Apache-2.0
// Which container a cgroup belongs to. Fed by events, remembers the dead for a while; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/attribution/cgroup_path.h"
#include "daemon/model/container.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class ContainerIndex {
 public:
  // Learns a cgroup; returns the key of the container it belongs to.
  std::string Learn(const CgroupMade& made);
  // Marks the container ended when its own cgroup goes; inner cgroups just go.
  void Forget(const CgroupRemoved& removed);
  // Adds what a runtime knows; kept for containers whose cgroup is not there yet.
  void Describe(const ContainerDescribed& described);

  // The container to charge a cgroup's checks to. Never fails: a cgroup without a known path gets
  // a container of kind kUnknown named after its id, which turns into the right one (same object,
  // new fields) if the path is learned later.
  const Container& Of(CgroupId cgroup, TimeNs now);

  const Container* Find(const std::string& key) const;
  std::vector<const Container*> All() const;
  // Drops an ended container and its cgroups.
  void Evict(const std::string& key);
  size_t unnamed() const;  // cgroups seen in checks whose path is not known

 private:
  struct Node;  // see container_index.cc
};

}  // namespace capmon
