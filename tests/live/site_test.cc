// SPDX-License-Identifier: Apache-2.0
// The call site of each check is known, also if nothing else distinguishes two checks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/live/live_test.h"
#include "tests/support/eventually.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::IsSupersetOf;

class SiteTest : public WatchedTest {
 protected:
  SiteTest() : WatchedTest({"busybox"}) {}
};

TEST_F(SiteTest, OneProgramInOneSystemCallIsCheckedByTwoFunctions) {
  const TestCgroup cgroup;
  const ProcessOptions inside = {.user = {}, .cgroups = cgroup.directories()};
  // Both call socket(2) and need NET_RAW; the second gives up on an interface without addresses.
  RunProgram({"busybox", "ping", "-c", "1", "127.0.0.1"}, inside);
  RunProgram({"busybox", "arping", "-c", "1", "-I", "lo", "127.0.0.1"}, inside);
  std::set<std::string> sites;
  Eventually([&] {
    const json explained = daemon().Json({"explain", cgroup.id(), "NET_RAW"});
    if (!explained.is_object()) return false;
    for (const json& evidence : explained.at("capability").at("evidence"))
      sites.insert(evidence.value("site", ""));
    return sites.size() >= 2;
  });
  EXPECT_THAT(sites, IsSupersetOf({"inet_create", "packet_create"}))
      << daemon().Capmon({"explain", cgroup.id(), "NET_RAW"}).out;
}

}  // namespace
}  // namespace capmon
