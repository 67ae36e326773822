// SPDX-License-Identifier: Apache-2.0
// What was normal for containers that have ended, for those that take their place: the same one
// started again, or another of the same name and image.
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
  // Keeps what was normal for a container that has ended and had a baseline.
  void Remember(const Profile& ended, const CallSites& sites);
  // Gives a container without a baseline that of an earlier one, from its first moment on. True
  // when there was one.
  bool Inherit(Profile& fresh) const;

  static constexpr size_t kMaxUses = 1 << 16;  // of all together; the oldest are forgotten

 private:
  void Forget(const std::string& name);

  std::map<std::string, std::set<std::string>> uses_;  // by what a successor has in common
  std::deque<std::string> order_;                      // oldest first
  size_t count_ = 0;
};

}  // namespace capmon
