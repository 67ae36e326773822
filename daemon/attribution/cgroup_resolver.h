// SPDX-License-Identifier: Apache-2.0
// Finds the paths of cgroups seen in checks without a record: the record was lost, or older than
// capmond. By file handle, one system call each; where that is not permitted, by walking the tree.
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

  // What became of some of these: CgroupMade (existing), or CgroupRemoved when it is gone. The
  // others are looked for again, ever more rarely, and given up in the end; to be called about once
  // a second with all that have no path. `now`: by a clock that is never set back.
  std::vector<KernelEvent> Resolve(const std::vector<CgroupId>& unnamed, TimeNs now);
  // Why it is slow, or some cannot be found; empty when all is well.
  const std::string& trouble() const { return trouble_; }

  static constexpr int kMaxLooks = 10;
  static constexpr size_t kMaxAtOnce = 256;
  static constexpr TimeNs kBetweenWalks = 10'000'000'000;

 private:
  struct Search {
    int looks = 0;
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
