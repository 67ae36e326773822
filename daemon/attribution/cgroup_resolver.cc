// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/cgroup_resolver.h"

#include <fcntl.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "daemon/attribution/cgroup_mounts.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
CgroupResolver::CgroupResolver(std::string mount_point)
    : mount_point_(std::move(mount_point)),
      mount_(::open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

std::vector<CgroupId> CgroupResolver::Due(const std::vector<CgroupId>& unnamed, TimeNs now) {
  std::erase_if(searches_, [&](const auto& search) {
    return std::ranges::find(unnamed, search.first) == unnamed.end();
  });
  std::vector<CgroupId> due;
  for (const CgroupId cgroup : unnamed) {
    Search& search = searches_[cgroup];
    if (search.attempts >= kMaxAttempts || search.next > now || due.size() >= kMaxAtOnce) continue;
    search.next = now + (kSecond << search.attempts++);
    due.push_back(cgroup);
  }
  return due;
}

std::vector<KernelEvent> CgroupResolver::Resolve(const std::vector<CgroupId>& unnamed, TimeNs now) {
  const TimeNs at = WallClock();
  std::vector<KernelEvent> events;
  std::set<CgroupId> left;
  trouble_.clear();
  for (const CgroupId cgroup : Due(unnamed, now)) {
    const auto path = PathOfCgroupId(mount_.get(), cgroup);
    if (path.ok()) {
      events.push_back(CgroupMade{at, cgroup, *path, true});
    } else if (absl::IsNotFound(path.status())) {
      events.push_back(CgroupRemoved{at, cgroup});
    } else {
      trouble_ = std::string(path.status().message());
      left.insert(cgroup);
    }
  }
  if (left.empty() || now < next_walk_) {
    for (const CgroupId cgroup : left) --searches_[cgroup].attempts;  // not counted as an attempt
    return events;
  }
  next_walk_ = now + kBetweenWalks;
  WalkCgroups(mount_point_, [&](CgroupId cgroup, const std::string& path) {
    if (left.erase(cgroup) > 0) events.push_back(CgroupMade{at, cgroup, path, true});
  });
  return events;
}

}  // namespace capmon
