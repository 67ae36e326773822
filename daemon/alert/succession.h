// SPDX-License-Identifier: Apache-2.0
// Hands the normal uses of containers that ended to their successors: the same container started
// again, or another one of the same name and image.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "daemon/profile/call_sites.h"
#include "daemon/profile/profile.h"

namespace capmon {

class Succession {
 public:
  // Stores the normal uses of a container that ended, if it had a baseline.
  void Remember(const Profile& ended, const CallSites& sites);
  // Gives a container without a baseline that of its predecessor, valid from its first moment. True
  // if there was one.
  bool Inherit(Profile& fresh) const;

  static constexpr size_t kMaxUses = 1 << 16;  // of all containers; drops the oldest

 private:
  void Forget(const std::string& name);

  std::map<std::string, std::set<std::string>> uses_;  // by what a successor shares
  std::deque<std::string> order_;                      // oldest first
  size_t count_ = 0;
};

}  // namespace capmon
