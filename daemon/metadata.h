// SPDX-License-Identifier: Apache-2.0
// All sources of names: files, Docker, CRI, systemd's units, and the cgroup tree for cgroups
// without a record. A failing source affects only its own fields; none blocks.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/attribution/cgroup_resolver.h"
#include "daemon/attribution/lookup.h"
#include "daemon/model/kernel_event.h"
#include "daemon/model/layer.h"
#include "daemon/settings/config.h"

namespace capmon {

class Metadata {
 public:
  // `cgroup_mount`: the mount of the watched hierarchy.
  Metadata(const Config& config, const std::string& cgroup_mount);

  // Queries every source that may know this new cgroup. Never blocks.
  void Request(const CgroupMade& made);
  // Returns what was learned since the last call, and what became of cgroups without a path.
  std::vector<KernelEvent> Poll(const std::vector<CgroupId>& unnamed);

  // Readable if Poll() has events.
  std::vector<int> fds() const;
  std::vector<Layer> layers() const;

 private:
  struct Source {
    Source(std::string layer, std::unique_ptr<MetadataSource> source)
        : name(std::move(layer)), lookup(std::move(source), Lookup::Patience()) {}
    const std::string name;
    Lookup lookup;
  };

  void AddDocker(const std::vector<std::string>& sockets);

  CgroupResolver resolver_;
  TimeNs next_resolve_ = 0;
  mutable std::mutex mutex_;  // guards trouble_, which gRPC's threads read
  std::string trouble_;
  std::list<Source> sources_;  // last: has threads
};

}  // namespace capmon
