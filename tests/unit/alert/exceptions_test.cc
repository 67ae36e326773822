// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/exceptions.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

namespace capmon {
namespace {

Alert Ping() {
  Alert alert;
  alert.rule = "CM007";
  alert.workload = "shop/deploy/web/nginx";
  alert.binary = "/bin/ping";
  alert.capability = CAP_NET_RAW;
  alert.count = 3;
  return alert;
}

TEST(Exception, MustMatchEveryFieldThatIsSet) {
  EXPECT_TRUE(Covers({.reason = "all"}, Ping(), 1));
  EXPECT_TRUE(Covers({.workload = "shop/*",
                      .rule = "CM007",
                      .binary = "*/ping",
                      .capability = CAP_NET_RAW,
                      .reason = "health checks"},
                     Ping(), 1));
  EXPECT_FALSE(Covers({.workload = "bank/*"}, Ping(), 1));
  EXPECT_FALSE(Covers({.rule = "CM001"}, Ping(), 1));
  EXPECT_FALSE(Covers({.binary = "ping"}, Ping(), 1));
  EXPECT_FALSE(Covers({.capability = CAP_CHOWN}, Ping(), 1));
}

TEST(Exception, EndsWhenItExpires) {
  EXPECT_TRUE(Covers({.expires = 100}, Ping(), 99));
  EXPECT_FALSE(Covers({.expires = 100}, Ping(), 100));
}

TEST(Exception, IsNoneForTheFeedAndForChecksThatAreNone) {
  EXPECT_FALSE(Covers({}, MakeFeedAlert("limits", "text", 1, 1), 1));
  Alert left = Ping();
  left.has_capability = false;
  EXPECT_FALSE(Covers({.capability = CAP_NET_RAW}, left, 1));
}

TEST(Exception, PatternsHaveNoOtherCharactersWithAMeaning) {
  Alert test = Ping();
  test.binary = "/usr/bin/[";
  EXPECT_TRUE(Covers({.binary = "/usr/bin/["}, test, 1));
  EXPECT_TRUE(Covers({.binary = "*/["}, test, 1));
  EXPECT_FALSE(Covers({.binary = "/usr/bin/[a-z]"}, Ping(), 1));
  test.binary = "/opt/a\\b";
  EXPECT_TRUE(Covers({.binary = "/opt/a\\b"}, test, 1));
  EXPECT_FALSE(Covers({.binary = "/opt/a\\*"}, Ping(), 1));
}

TEST(Exceptions, AreCountedAlsoAfterAReload) {
  AlertExceptions exceptions;
  exceptions.Set({{.rule = "CM001"}, {.rule = "CM007"}});
  EXPECT_TRUE(exceptions.Covers(Ping(), 5));
  exceptions.Set({{.rule = "CM007"}, {.rule = "CM002"}});
  EXPECT_TRUE(exceptions.Covers(Ping(), 6));
  EXPECT_EQ(exceptions.all()[0].checks, 6u);
  EXPECT_EQ(exceptions.all()[0].last, 6);
  EXPECT_EQ(exceptions.all()[1].checks, 0u);
}

}  // namespace
}  // namespace capmon
