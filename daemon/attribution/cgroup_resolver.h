// SPDX-License-Identifier: Apache-2.0
// Finds the paths of cgroups seen in checks without a cgroup record: the record was lost, or is
// older than capmond. Uses the file handle, one system call each; walks the tree if that is not
// permitted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class CgroupResolver {
 public:
  explicit CgroupResolver(std::string mount_point);

  // Returns CgroupMade (existing) for cgroups that were found, and CgroupRemoved for those that are
  // gone. Tries the others again at growing intervals, and gives up in the end. Call about once a
  // second with all cgroups without a path. `now`: a clock that is never set back.
  std::vector<KernelEvent> Resolve(const std::vector<CgroupId>& unnamed, TimeNs now);
  // Returns why it is slow or cannot find some; empty if all is well.
  const std::string& trouble() const { return trouble_; }

  static constexpr int kMaxAttempts = 10;
  static constexpr size_t kMaxAtOnce = 256;
  static constexpr TimeNs kBetweenWalks = 10'000'000'000;

 private:
  struct Search {
    int attempts = 0;
    TimeNs next = 0;
  };

  std::vector<CgroupId> Due(const std::vector<CgroupId>& unnamed, TimeNs now);

  const std::string mount_point_;
  const UniqueFd mount_;
  std::map<CgroupId, Search> searches_;
  TimeNs next_walk_ = 0;
  std::string trouble_;
};

}  // namespace capmon
