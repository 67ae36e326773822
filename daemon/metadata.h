// SPDX-License-Identifier: Apache-2.0
// Everything capmond asks to give containers their names: files, Docker, CRI, systemd's units, and
// the cgroup tree for what nobody announced. Each layer fails by itself; none blocks.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/attribution/cgroup_resolver.h"
#include "daemon/attribution/lookup.h"
#include "daemon/config.h"
#include "daemon/model/kernel_event.h"
#include "daemon/model/layer.h"

namespace capmon {

class Metadata {
 public:
  // `cgroup_mount` is where the hierarchy that is watched can be seen.
  Metadata(const Config& config, const std::string& cgroup_mount);

  // Somebody may live there whom a layer knows. Never blocks.
  void Want(const CgroupMade& made);
  // What was learned meanwhile, and what became of the cgroups without a path.
  std::vector<KernelEvent> Take(const std::vector<CgroupId>& unnamed);

  // Readable when Take() has something.
  std::vector<int> fds() const;
  std::vector<Layer> layers() const;

 private:
  struct Source {
    Source(const char* layer, std::unique_ptr<MetadataSource> source)
        : name(layer), lookup(std::move(source), Lookup::Patience()) {}
    const std::string name;
    Lookup lookup;
  };

  CgroupResolver resolver_;
  TimeNs next_resolve_ = 0;
  mutable std::mutex mutex_;  // of trouble_, which gRPC's threads ask for
  std::string trouble_;
  std::list<Source> sources_;  // last: threads
};

}  // namespace capmon
