// SPDX-License-Identifier: Apache-2.0
// Privilege gained by exec, raised by a process, and user namespaces.
#include "daemon/alert/rules/privilege.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/alert/rules.h"
#include "daemon/alert/rules/user_namespace.h"
#include "tests/unit/profile/evidence_builder.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

Profile AfterBaseline() {
  Profile profile = Watched({}, CapabilitySet{CAP_NET_RAW, CAP_SYS_ADMIN, CAP_CHOWN});
  profile.baseline = 1000;
  profile.entry_pid = 1;
  return profile;
}

ProcessExec Ping() {
  ProcessExec exec;
  exec.time = 2000;
  exec.pid = 77;
  exec.uid = exec.euid = 1000;
  exec.path = "/bin/ping";
  exec.comm = "ping";
  exec.exe = 5;
  exec.exe_origin = ExeOrigin::kOwn;
  exec.permitted = exec.effective = {CAP_NET_RAW};
  exec.before_known = true;
  exec.uid_before = exec.euid_before = 1000;
  exec.secure_exec = true;
  return exec;
}

TEST(Gain, ByAFileWithCapabilities) {
  const auto alert = AlertForGain(AfterBaseline(), Ping());
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->rule, kRuleGained);
  EXPECT_EQ(alert->kind, AlertKind::kPrivilegeGained);
  EXPECT_EQ(alert->capability, CAP_NET_RAW);
  EXPECT_EQ(alert->severity, Severity::kMedium);
  EXPECT_EQ(alert->binary, "/bin/ping");
  EXPECT_EQ(alert->process.uid, 1000u);
  EXPECT_THAT(alert->message, HasSubstr("executing /bin/ping (a file with capabilities) gave a "
                                        "process NET_RAW"));
}

TEST(Gain, BySetUserId) {
  ProcessExec su = Ping();
  su.path = "/bin/su";
  su.set_id_file = true;
  su.euid = 0;
  su.permitted = {CAP_SYS_ADMIN, CAP_CHOWN};
  const auto alert = AlertForGain(AfterBaseline(), su);
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->severity, Severity::kCritical) << "of the gravest";
  EXPECT_THAT(alert->message, HasSubstr("a set-user-ID file"));
}

TEST(Gain, NotWhereItIsNone) {
  ProcessExec root = Ping();
  root.secure_exec = false;
  root.uid = root.euid = root.uid_before = root.euid_before = 0;
  EXPECT_FALSE(AlertForGain(AfterBaseline(), root)) << "uid 0 gets its sets back";
  ProcessExec blocked = Ping();
  blocked.permitted = blocked.effective = {};
  blocked.no_new_privs = true;
  EXPECT_FALSE(AlertForGain(AfterBaseline(), blocked));
  ProcessExec runtime = Ping();
  runtime.exe_origin = ExeOrigin::kHost;
  EXPECT_FALSE(AlertForGain(AfterBaseline(), runtime));
}

TEST(Gain, NotWhereItIsNormal) {
  Profile profile = AfterBaseline();
  profile.earlier_uses.insert(*UseOfGain(profile, Ping()));
  EXPECT_FALSE(AlertForGain(profile, Ping()));
  Profile learning = AfterBaseline();
  learning.baseline = 0;
  EXPECT_FALSE(AlertForGain(learning, Ping())) << "medium, without a baseline";
  ProcessExec grave = Ping();
  grave.permitted = {CAP_SYS_ADMIN};
  EXPECT_TRUE(AlertForGain(learning, grave));
}

CapabilitiesSet Ambient() {
  CapabilitiesSet set;
  set.time = 2000;
  set.pid = 77;
  set.comm = "helper";
  set.exe_origin = ExeOrigin::kOwn;
  set.ambient = set.inheritable = {CAP_NET_RAW};
  set.raises = true;
  return set;
}

TEST(Raise, ByAnAmbientCapability) {
  const auto alert = AlertForRaise(AfterBaseline(), Ambient());
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->rule, kRuleRaised);
  EXPECT_EQ(alert->syscall, "prctl");
  EXPECT_THAT(alert->message, HasSubstr("helper added NET_RAW to its ambient set"));
}

TEST(Raise, NotForADenialAndForWhatItWasStartedWith) {
  CapabilitiesSet refused = Ambient();
  refused.refused = true;
  EXPECT_FALSE(AlertForRaise(AfterBaseline(), refused));
  Profile with = AfterBaseline();
  with.held->inheritable = with.held->ambient = {CAP_NET_RAW};
  EXPECT_FALSE(AlertForRaise(with, Ambient()));
}

ProcessExec Unshared() {
  ProcessExec exec = Ping();
  exec.path = "/bin/sh";
  exec.userns_level = 1;
  exec.permitted = exec.effective = CapabilitySet((uint64_t{1} << 41) - 1);
  return exec;
}

TEST(UserNamespace, WithAllCapabilities) {
  const auto alert = AlertForNamespace(AfterBaseline(), Unshared());
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->rule, kRuleUserNamespace);
  EXPECT_FALSE(alert->has_capability);
  EXPECT_FALSE(AlertForGain(AfterBaseline(), Unshared())) << "one alert is enough";
  ProcessExec few = Unshared();
  few.permitted = {CAP_NET_RAW};
  EXPECT_FALSE(AlertForNamespace(AfterBaseline(), few));
  ProcessExec own = Unshared();
  own.userns_level = 0;
  EXPECT_FALSE(AlertForNamespace(AfterBaseline(), own));
}

TEST(UserNamespace, ByACheckInIt) {
  const Profile profile = AfterBaseline();
  const auto judged = Judged(
      Granted(CAP_SYS_ADMIN, "path_mount", "mount").Succeeded().AtLevel(1).AskedAt(1), profile);
  ASSERT_EQ(judged.verdict, Verdict::kOwnNamespace);
  EXPECT_TRUE(AlertForNamespace(profile, judged, 2000));
  Profile learning = profile;
  learning.baseline = 0;
  EXPECT_FALSE(AlertForNamespace(learning, judged, 2000));
}

}  // namespace
}  // namespace capmon
