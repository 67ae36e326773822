// SPDX-License-Identifier: Apache-2.0
// Two profiles turn out to be one container's: nothing of either is lost.
#include "daemon/profile/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

PrivilegeGain Sudo(uint64_t count, CapabilitySet gained, bool blocked) {
  PrivilegeGain gain;
  gain.path = "/usr/bin/sudo";
  gain.how = "set-user-ID";
  gain.gained = gained;
  gain.blocked = blocked;
  gain.count = count;
  return gain;
}

TEST(Merge, AddsUpTheGainsOfBoth) {
  Profile a, b;
  a.gains["sudo"] = Sudo(3, CapabilitySet{1}, true);
  b.gains["sudo"] = Sudo(4, CapabilitySet{2}, false);
  b.gains["su"] = Sudo(1, CapabilitySet{3}, true);
  Merge(a, b);
  EXPECT_EQ(a.gains.at("sudo"), Sudo(7, CapabilitySet{1, 2}, false));
  EXPECT_EQ(a.gains.at("su"), Sudo(1, CapabilitySet{3}, true));
}

TEST(Merge, AddsUpTheRefusalsOfBoth) {
  Profile a, b;
  a.refusals["exec /bin/ping"] = {"/bin/ping", "exec", CapabilitySet{1}, 2};
  b.refusals["exec /bin/ping"] = {"/bin/ping", "exec", CapabilitySet{2}, 3};
  Merge(a, b);
  EXPECT_EQ(a.refusals.at("exec /bin/ping").lacking, (CapabilitySet{1, 2}));
  EXPECT_EQ(a.refusals.at("exec /bin/ping").count, 5u);
}

TEST(Merge, KeepsTheGapsOfBothInOrderAndOnce) {
  const Gap shared{10, 20, "capmond did not run"}, early{1, 2, "one"}, late{30, 40, "other"};
  Profile a, b;
  a.gaps = {shared, late};
  b.gaps = {early, shared};
  Merge(a, b);
  EXPECT_THAT(a.gaps, testing::ElementsAre(early, shared, late));
}

TEST(Merge, StaysWithinTheBounds) {
  Profile a, b;
  for (int i = 0; i < 400; ++i) {
    const std::string name = std::to_string(i);
    (i % 2 == 0 ? a : b).gains[name] = Sudo(1, {}, false);
    (i % 2 == 0 ? a : b).gaps.push_back({i, i + 1, name});
    (i % 2 == 0 ? a : b).refusals[name] = {name, "exec", CapabilitySet{1}, 1};
    for (const char* use : {" chown", " mount"})
      (i % 2 == 0 ? a : b).earlier_uses.insert(name + use);
  }
  Merge(a, b);
  EXPECT_EQ(a.gains.size(), Profile::kMaxGains);
  EXPECT_EQ(a.gaps.size(), Profile::kMaxGaps);
  EXPECT_EQ(a.earlier_uses.size(), Profile::kMaxEarlierUses);
  EXPECT_EQ(a.gaps.front().from, 0);  // the oldest became one
}

}  // namespace
}  // namespace capmon
