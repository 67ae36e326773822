// SPDX-License-Identifier: Apache-2.0
// What of the monitor outlives capmond, as values: all of it, or what changed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/profile/profile.h"

namespace capmon {

// Where a cgroup belongs: a container's key, and the path if that is known.
struct CgroupPlace {
  std::string container;
  std::string path;

  friend bool operator==(const CgroupPlace&, const CgroupPlace&) = default;
};

// All that must live on when capmond does not.
struct MonitorState {
  std::vector<Profile> profiles;
  std::map<CgroupId, CgroupPlace> cgroups;
  TimeNs time = 0;  // nothing later is in it
};

// What to write so that a state persisted elsewhere is this one again.
struct MonitorChanges {
  struct Changed {
    Profile profile;       // of its checks only those that changed
    bool details = false;  // anything but the checks, the container and single numbers changed, too
    bool replaced = false;  // checks that are not here are gone
  };
  bool whole = false;  // these are all profiles there are: forget every other
  std::vector<Changed> profiles;
  std::vector<std::string> gone;                           // keys of containers
  std::map<std::string, std::string> moved;                // the cgroups of one are another's now
  std::map<CgroupId, std::optional<CgroupPlace>> cgroups;  // nothing: removed
  TimeNs time = 0;
};

}  // namespace capmon
