// SPDX-License-Identifier: Apache-2.0
#include "daemon/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

constexpr CgroupId kCgroup = 42;
const std::string kId(64, 'a');

ChecksCounted Socket(TimeNs time, bool granted, uint64_t count = 1, CgroupId cgroup = kCgroup) {
  ChecksCounted counted;
  counted.time = time;
  counted.key.cgroup = cgroup;
  counted.key.capability = 13;
  counted.key.granted = granted;
  counted.key.traits = granted ? kHeld : 0;
  counted.key.exe_origin = ExeOrigin::kOwn;
  counted.key.exe = 7;
  counted.key.site = "inet_create";
  counted.key.syscall = "socket";
  counted.counts.count = count;
  return counted;
}

class MonitorTest : public testing::Test {
 protected:
  MonitorTest() {
    monitor_.OnAlert([this](const Alert& alert) { alerts_.push_back(alert); });
    monitor_.OnWatch([this](const WatchedEvent& event) { watched_.push_back(event); });
    monitor_.Apply(SourceStarted{kSecond, "tp_btf", "6.18", "v2", false, {"blind"}});
  }
  void StartContainer(CgroupId cgroup = kCgroup, const std::string& id = kId) {
    monitor_.Apply(CgroupMade{kSecond, cgroup, "/docker/" + id, false});
  }
  Monitor monitor_{CallSites::BuiltIn(), {.baseline_after = 10 * kSecond, .max_containers = 8}};
  std::vector<Alert> alerts_;
  std::vector<WatchedEvent> watched_;
};

TEST_F(MonitorTest, ChecksAreAddedUpPerContainer) {
  StartContainer();
  monitor_.Apply(Socket(2 * kSecond, true, 3));
  monitor_.Apply(Socket(3 * kSecond, true, 4));
  const auto profile = monitor_.Find(kId.substr(0, 12));
  ASSERT_TRUE(profile.ok()) << profile.status();
  ASSERT_EQ(profile->checks.size(), 1u);
  const CheckEvidence& evidence = profile->checks.begin()->second;
  EXPECT_EQ(evidence.counts.count, 7u);
  EXPECT_EQ(evidence.first, 2 * kSecond);
  EXPECT_EQ(evidence.last, 3 * kSecond);
  EXPECT_EQ(profile->backend, "tp_btf");
  EXPECT_THAT(profile->blind_spots, testing::ElementsAre("blind"));
}

TEST_F(MonitorTest, ChecksOfAnUnknownCgroupFindTheirContainerLater) {
  monitor_.Apply(Socket(2 * kSecond, true, 5));
  monitor_.Apply(CgroupMade{3 * kSecond, kCgroup, "/docker/" + kId, true});
  const auto profile = monitor_.Find(kId);
  ASSERT_TRUE(profile.ok()) << profile.status();
  ASSERT_EQ(profile->checks.size(), 1u);
  EXPECT_EQ(profile->checks.begin()->second.counts.count, 5u);
}

TEST_F(MonitorTest, NestedCgroupsAreChargedToTheirContainer) {
  StartContainer();
  monitor_.Apply(CgroupMade{kSecond, 43, "/docker/" + kId + "/inner", false});
  monitor_.Apply(Socket(2 * kSecond, true, 1, kCgroup));
  monitor_.Apply(Socket(2 * kSecond, true, 2, 43));
  const auto profile = monitor_.Find(kId);
  ASSERT_TRUE(profile.ok());
  ASSERT_EQ(profile->checks.size(), 1u);
  EXPECT_EQ(profile->checks.begin()->second.counts.count, 3u);
}

TEST_F(MonitorTest, TheEvidenceOfAContainerIsInAllItsCgroupsAlsoWhenTheyAreGone) {
  StartContainer();
  monitor_.Apply(CgroupMade{kSecond, 43, "/docker/" + kId + "/inner", false});
  monitor_.Apply(Socket(2 * kSecond, true, 1, kCgroup));
  monitor_.Apply(CgroupRemoved{3 * kSecond, 43});
  EXPECT_THAT(monitor_.CgroupsOf(kId), testing::Optional(testing::ElementsAre(kCgroup, 43)));
  EXPECT_EQ(monitor_.CgroupsOf("another"), std::nullopt);
}

TEST_F(MonitorTest, TheFirstWorkloadExecSaysWhatWasGiven) {
  StartContainer();
  ProcessExec runtime;
  runtime.time = kSecond;
  runtime.cgroup = kCgroup;
  runtime.exe_origin = ExeOrigin::kNone;
  runtime.bounding = CapabilitySet(~uint64_t{0});
  monitor_.Apply(runtime);
  EXPECT_FALSE(monitor_.Find(kId)->held);
  ProcessExec entry = runtime;
  entry.exe_origin = ExeOrigin::kOwn;
  entry.bounding = CapabilitySet{13};
  monitor_.Apply(entry);
  ASSERT_TRUE(monitor_.Find(kId)->held);
  EXPECT_EQ(monitor_.Find(kId)->held->bounding, CapabilitySet{13});
  EXPECT_EQ(monitor_.Find(kId)->starts, 1u);
}

TEST_F(MonitorTest, EndedContainersStayUntilThereIsNoRoom) {
  for (CgroupId i = 1; i <= 20; ++i) {
    const std::string id = std::string(60, 'b') + std::to_string(1000 + i);
    StartContainer(i, id);
    monitor_.Apply(CgroupRemoved{static_cast<TimeNs>(i) * kSecond, i});
    monitor_.Apply(Tick{static_cast<TimeNs>(i) * kSecond});
  }
  EXPECT_LE(monitor_.Profiles().size(), 8u);
  EXPECT_TRUE(monitor_.Find(std::string(60, 'b') + "1020").ok()) << "the newest are kept";
  EXPECT_TRUE(absl::IsNotFound(monitor_.Find(std::string(60, 'b') + "1001").status()));
  EXPECT_GE(monitor_.Status().counters.at("evicted_containers"), 12u);
}

// Its creation was not reported, or exceeded a limit: nothing was charged to it.
TEST_F(MonitorTest, ACgroupThatGoesWithoutHavingBeenKnownIsNoContainer) {
  StartContainer();
  monitor_.Apply(CgroupRemoved{2 * kSecond, kCgroup});
  const size_t known = monitor_.Profiles().size();
  for (CgroupId i = 100; i < 120; ++i) monitor_.Apply(CgroupRemoved{3 * kSecond, i});
  StartContainer(43, std::string(64, 'b'));
  EXPECT_EQ(monitor_.Profiles().size(), known + 1);
  EXPECT_TRUE(monitor_.Find(kId).ok());
  EXPECT_EQ(monitor_.Status().counters.at("evicted_containers"), 0u);
}

TEST_F(MonitorTest, FirstUseAfterTheBaselineAlertsOnceThenInSummary) {
  StartContainer();
  monitor_.Apply(Socket(2 * kSecond, true));
  EXPECT_TRUE(alerts_.empty()) << "before the baseline everything is normal";
  monitor_.Apply(Tick{20 * kSecond});
  ChecksCounted chroot = Socket(21 * kSecond, true, 1);
  chroot.key.capability = 18;
  chroot.key.site = "__x64_sys_chroot";
  chroot.key.syscall = "chroot";
  monitor_.Apply(Socket(21 * kSecond, true));
  EXPECT_TRUE(alerts_.empty()) << "used before";
  monitor_.Apply(chroot);
  ASSERT_EQ(alerts_.size(), 1u);
  EXPECT_EQ(alerts_[0].kind, AlertKind::kNewCapability);
  EXPECT_EQ(alerts_[0].capability, 18);
  for (int i = 0; i < 5; ++i) {
    chroot.time += kSecond;
    monitor_.Apply(chroot);
  }
  EXPECT_EQ(alerts_.size(), 1u);
  monitor_.Apply(Tick{200 * kSecond});
  ASSERT_EQ(alerts_.size(), 2u) << "the series is told once more";
  EXPECT_EQ(alerts_[1].id, alerts_[0].id);
  EXPECT_GE(alerts_[1].count, 2u);
  EXPECT_EQ(monitor_.PastAlerts().size(), 1u);
}

TEST_F(MonitorTest, AContainerWithAnyNumberOfProgramsRaisesABoundedNumberOfAlerts) {
  StartContainer();
  monitor_.Apply(Tick{20 * kSecond});
  for (uint32_t exe = 100; exe < 10'100; ++exe) {
    ChecksCounted socket = Socket(21 * kSecond, true, 1);
    socket.key.exe = exe;
    monitor_.Apply(socket);
  }
  EXPECT_LE(monitor_.PastAlerts().size(), 40u);
  EXPECT_GT(monitor_.Status().counters.at("merged_alerts"), 1000u);
  uint64_t checks = 0;
  for (const Alert& alert : monitor_.PastAlerts()) checks += alert.count;
  EXPECT_GE(checks, 8000u) << "those not told apart are counted";
}

TEST_F(MonitorTest, AnExceptionRaisesNothingAndIsCounted) {
  StartContainer();
  monitor_.SetExceptions({{.rule = "CM004", .reason = "known"}});
  monitor_.Apply(Socket(3 * kSecond, false, 2));
  EXPECT_TRUE(alerts_.empty());
  EXPECT_TRUE(monitor_.PastAlerts().empty());
  EXPECT_EQ(monitor_.Status().counters.at("excepted_checks"), 2u);
  monitor_.SetExceptions({});
  monitor_.Apply(Socket(4 * kSecond, false, 2));
  EXPECT_EQ(alerts_.size(), 1u);
}

TEST_F(MonitorTest, WhatIsHeldBackIsReportedInTheFeed) {
  monitor_.SetVolumeLimits({.finding = {1, 1}});
  StartContainer();
  for (uint32_t way = 0; way < 5; ++way) {
    ChecksCounted socket = Socket(3 * kSecond, false, 1);
    socket.key.site += std::to_string(way);
    monitor_.Apply(socket);
  }
  EXPECT_EQ(alerts_.size(), 1u);
  monitor_.Apply(Tick{70 * kSecond});
  ASSERT_EQ(alerts_.size(), 2u);
  EXPECT_EQ(alerts_[1].kind, AlertKind::kFeed);
  EXPECT_EQ(alerts_[1].count, 4u);
  EXPECT_EQ(monitor_.PastAlerts().size(), 6u) << "they can be looked up";
}

TEST_F(MonitorTest, ManyDenialsAreAFloodBesideTheirOwnAlert) {
  StartContainer();
  for (TimeNs second = 2; second < 60; ++second) {
    monitor_.Apply(Socket(second * kSecond, false, 50'000));
    monitor_.Apply(Tick{second * kSecond});
  }
  EXPECT_EQ(alerts_.size(), 2u) << "one alert of the subject, one of the burst";
  monitor_.Flush();
  std::map<std::string, uint64_t> counts;
  for (const Alert& alert : alerts_) counts[alert.rule] = alert.count;
  EXPECT_EQ(counts,
            (std::map<std::string, uint64_t>{{"CM004", 58u * 50'000}, {"CM005", 58u * 50'000}}));
}

TEST_F(MonitorTest, PrivilegeGainedBeforeTheBaselineIsNormalAfterIt) {
  StartContainer();
  ProcessExec entry;
  entry.time = kSecond;
  entry.cgroup = kCgroup;
  entry.pid = 1;
  entry.exe = 7;
  entry.exe_origin = ExeOrigin::kOwn;
  entry.path = "/bin/server";
  entry.bounding = CapabilitySet{13};
  monitor_.Apply(entry);
  ProcessExec ping = entry;
  ping.pid = 2;
  ping.exe = 8;
  ping.path = "/bin/ping";
  ping.permitted = ping.effective = CapabilitySet{13};
  ping.before_known = ping.secure_exec = true;
  ping.uid = ping.euid = ping.uid_before = ping.euid_before = 1000;
  monitor_.Apply(ping);
  monitor_.Apply(Tick{20 * kSecond});
  ping.time = 21 * kSecond;
  monitor_.Apply(ping);
  EXPECT_TRUE(alerts_.empty());
  ping.path = "/bin/other";
  ping.exe = 9;
  monitor_.Apply(ping);
  ASSERT_EQ(alerts_.size(), 1u);
  EXPECT_EQ(alerts_[0].kind, AlertKind::kPrivilegeGained);
  EXPECT_EQ(alerts_[0].binary, "/bin/other");
}

TEST_F(MonitorTest, CapmondsOwnHealthIsAnAlertWhenItEnds) {
  monitor_.NoteHealth("");
  monitor_.NoteHealth("its check was not seen");
  monitor_.NoteHealth("its check was not seen");
  ASSERT_EQ(alerts_.size(), 1u);
  EXPECT_EQ(alerts_[0].kind, AlertKind::kHealth);
  EXPECT_EQ(alerts_[0].next, "capmon status");
}

TEST_F(MonitorTest, TheSameContainerStartedAgainKeepsItsBaseline) {
  StartContainer();
  monitor_.Apply(Socket(2 * kSecond, true));
  monitor_.Apply(Tick{20 * kSecond});
  monitor_.Apply(CgroupRemoved{30 * kSecond, kCgroup});
  StartContainer(50, kId);
  ChecksCounted chroot = Socket(31 * kSecond, true, 1);
  chroot.key.cgroup = 50;
  chroot.key.capability = 18;
  chroot.key.site = "__x64_sys_chroot";
  chroot.key.syscall = "chroot";
  monitor_.Apply(chroot);
  ASSERT_EQ(alerts_.size(), 1u);
  EXPECT_EQ(alerts_[0].capability, 18);
}

TEST_F(MonitorTest, CapmondItselfRaisesNoAlert) {
  StartContainer();
  ChecksCounted refused = Socket(3 * kSecond, false, 2);
  monitor_.SetOwn(kCgroup, refused.key.exe);
  monitor_.Apply(refused);
  EXPECT_TRUE(alerts_.empty());
  refused.key.exe += 1;
  monitor_.Apply(refused);
  EXPECT_EQ(alerts_.size(), 1u);
}

TEST_F(MonitorTest, RefusalsAlertAndNoiseDoesNot) {
  StartContainer();
  ChecksCounted noise = Socket(2 * kSecond, false, 1000);
  noise.key.capability = 21;
  noise.key.site = "security_vm_enough_memory_mm";
  noise.key.syscall = "";
  noise.key.exe = 0;
  noise.key.exe_origin = ExeOrigin::kUnknown;
  monitor_.Apply(noise);
  EXPECT_TRUE(alerts_.empty());
  monitor_.Apply(Socket(3 * kSecond, false, 2));
  ASSERT_EQ(alerts_.size(), 1u);
  EXPECT_EQ(alerts_[0].kind, AlertKind::kDeniedCapability);
  EXPECT_EQ(alerts_[0].count, 2u);
}

TEST_F(MonitorTest, LossesThatCostEvidenceAreOnEveryLivingProfile) {
  StartContainer();
  monitor_.Apply(EvidenceLost{2 * kSecond, "map-full", 0, 3});
  monitor_.Apply(EvidenceLost{2 * kSecond, "ring-check", 0, 9});
  EXPECT_EQ(monitor_.Find(kId)->losses, (std::map<std::string, uint64_t>{{"map-full", 3}}));
  EXPECT_EQ(monitor_.Status().lost.at("ring-check"), 9u);
}

TEST_F(MonitorTest, ALossOfOneContainerIsChargedToThatOneOnly) {
  StartContainer();
  StartContainer(41, std::string(64, 'c'));
  monitor_.Apply(EvidenceLost{2 * kSecond, "ring-exec", 41, 3});
  monitor_.Apply(EvidenceLost{2 * kSecond, "key-quota", 41, 2});
  EXPECT_TRUE(monitor_.Find(kId)->losses.empty());
  EXPECT_EQ(monitor_.Find(std::string(64, 'c'))->losses,
            (std::map<std::string, uint64_t>{{"ring-exec", 3}, {"key-quota", 2}}));
  EXPECT_EQ(monitor_.Status().lost.at("ring-exec"), 3u);
}

TEST_F(MonitorTest, AProcessThatLeftItsContainerRaisesAnAlert) {
  StartContainer();
  monitor_.Apply(EvidenceLost{2 * kSecond, "left-cgroup", kCgroup, 2});
  monitor_.Apply(EvidenceLost{3 * kSecond, "map-full", kCgroup, 1});
  EXPECT_EQ(monitor_.Find(kId)->losses.at("left-cgroup"), 2u);
  ASSERT_EQ(alerts_.size(), 2u);
  EXPECT_EQ(alerts_[0].kind, AlertKind::kLeftCgroup);
  EXPECT_EQ(alerts_[0].container.id, kId);
  EXPECT_EQ(alerts_[1].kind, AlertKind::kEvidenceLost);
}

// Thousands may come and go between two reads of the counters.
TEST_F(MonitorTest, CountsThatComeAfterTheEndFindTheirContainer) {
  for (CgroupId i = 1; i <= 15; ++i) {
    StartContainer(i, std::string(60, 'b') + std::to_string(1000 + i));
    monitor_.Apply(CgroupRemoved{2 * kSecond, i});
  }
  for (CgroupId i = 1; i <= 15; ++i) {
    monitor_.Apply(Socket(3 * kSecond, true, 1, i));
    EXPECT_EQ(monitor_.Find(std::string(60, 'b') + std::to_string(1000 + i))->checks.size(), 1u);
  }
  monitor_.Apply(Tick{3 * kSecond});
  EXPECT_LE(monitor_.Profiles().size(), 8u);
  for (const Profile& profile : monitor_.Profiles())
    EXPECT_NE(profile.container.kind, ContainerKind::kUnknown) << profile.container.name;
}

TEST_F(MonitorTest, ABurstOfOthersDoesNotEraseWhatEnded) {
  ContainerDescribed described;
  described.container_id = kId;
  described.image = "shop/web";
  StartContainer();
  monitor_.Apply(described);
  monitor_.Apply(CgroupRemoved{2 * kSecond, kCgroup});
  for (CgroupId i = 1001; i <= 1100; ++i) {
    StartContainer(i, std::string(60, 'b') + std::to_string(i));
    monitor_.Apply(CgroupRemoved{3 * kSecond, i});
    monitor_.Apply(Tick{3 * kSecond});
  }
  EXPECT_TRUE(monitor_.Find(kId).ok());
}

TEST_F(MonitorTest, StatusNamesTheLargestUsersOfTheMap) {
  StartContainer();
  monitor_.Apply(
      MapUsage{2 * kSecond, 90, 1024, 7, {{std::to_string(kCgroup), "61"}, {"99", "2"}}});
  const MonitorStatus status = monitor_.Status();
  EXPECT_EQ(status.counters.at("map_entries"), 90u);
  EXPECT_EQ(status.counters.at("map_capacity"), 1024u);
  EXPECT_EQ(status.counters.at("map_freed"), 7u);
  EXPECT_EQ(status.largest, (std::map<std::string, uint64_t>{
                                {monitor_.Find(kId)->container.name, 61}, {"cgroup-99", 2}}));
}

TEST_F(MonitorTest, ResetForgetsEvidenceAndKeepsTheContainer) {
  StartContainer();
  monitor_.Apply(Socket(2 * kSecond, true));
  monitor_.Apply(ProfileReset{2 * kSecond, *monitor_.KeyOf(kId)});
  EXPECT_TRUE(monitor_.Find(kId)->checks.empty());
  monitor_.Apply(Socket(3 * kSecond, true));
  EXPECT_EQ(monitor_.Find(kId)->checks.size(), 1u);
}

TEST_F(MonitorTest, RequestsAboutAContainerThatIsGoneChangeNothing) {
  StartContainer();
  const size_t before = monitor_.Profiles().size();
  monitor_.Apply(ProfileReset{2 * kSecond, "99@1"});
  monitor_.Apply(BaselineSet{2 * kSecond, "99@1"});
  EXPECT_EQ(monitor_.Profiles().size(), before);
  EXPECT_TRUE(absl::IsNotFound(monitor_.KeyOf("absent").status()));
}

TEST_F(MonitorTest, WhatIsResetTakesItsBaselineAlong) {
  StartContainer();
  monitor_.Apply(BaselineSet{2 * kSecond, *monitor_.KeyOf(kId)});
  EXPECT_EQ(monitor_.Find(kId)->baseline, 2 * kSecond);
  monitor_.Apply(ProfileReset{3 * kSecond, *monitor_.KeyOf(kId)});
  EXPECT_EQ(monitor_.Find(kId)->baseline, 0);
  EXPECT_EQ(monitor_.Find(kId)->observed_from, 3 * kSecond);
}

TEST_F(MonitorTest, WatchersSeeTheIncrementOnly) {
  StartContainer();
  monitor_.Apply(Socket(2 * kSecond, true, 3));
  monitor_.Apply(Socket(3 * kSecond, true, 4));
  ASSERT_EQ(watched_.size(), 2u);
  EXPECT_EQ(watched_[1].evidence.evidence.counts.count, 4u);
  EXPECT_EQ(watched_[1].container.id, kId);
}

TEST_F(MonitorTest, FindsYoungLivingContainers) {
  EXPECT_TRUE(monitor_.Young(kSecond).empty());
  StartContainer();
  EXPECT_EQ(monitor_.Young(5 * kSecond).size(), 1u);
  monitor_.Apply(Tick{100 * kSecond});
  EXPECT_TRUE(monitor_.Young(5 * kSecond).empty());
}

// As NTP may do after a boot.
TEST_F(MonitorTest, GoesOnWhenTheClockIsSetBack) {
  StartContainer(41, std::string(64, 'c'));
  monitor_.Apply(Tick{2000 * kSecond});
  monitor_.Apply(Socket(2001 * kSecond, false, 1, 41));
  ASSERT_EQ(alerts_.size(), 1u);
  monitor_.Apply(Tick{100 * kSecond});
  monitor_.Apply(CgroupMade{101 * kSecond, kCgroup, "/docker/" + kId, false});
  EXPECT_EQ(monitor_.Young(60 * kSecond).size(), 1u);
  monitor_.Apply(Socket(102 * kSecond, false, 1, 41));
  monitor_.Apply(Tick{200 * kSecond});
  EXPECT_EQ(alerts_.size(), 2u);
}

TEST_F(MonitorTest, EvidenceOfAGroupGoesToTheContainerThatTurnsOutToBeInIt) {
  monitor_.Apply(CgroupMade{kSecond, 10, "/group", false});
  monitor_.Apply(CgroupMade{kSecond, 11, "/group/ct", false});
  monitor_.Apply(Socket(2 * kSecond, true, 3, 11));
  ContainerDescribed described;
  described.time = 3 * kSecond;
  described.source = "oci";
  described.container_id = "box7";
  described.cgroup_path = "/group/ct";
  described.held.emplace().bounding = CapabilitySet(1 << 13);
  monitor_.Apply(described);
  const auto profile = monitor_.Find("box7");
  ASSERT_TRUE(profile.ok()) << profile.status();
  ASSERT_EQ(profile->checks.size(), 1u);
  EXPECT_EQ(profile->checks.begin()->second.counts.count, 3u);
  ASSERT_TRUE(profile->held);
  EXPECT_EQ(profile->held->bounding, CapabilitySet(1 << 13));
  EXPECT_FALSE(monitor_.Find("group").ok());
}

TEST_F(MonitorTest, WhereInsideAContainerACheckWasMadeIsKept) {
  StartContainer();
  monitor_.Apply(CgroupMade{kSecond, 43, "/docker/" + kId + "/system.slice/a.service", false});
  monitor_.Apply(Socket(2 * kSecond, true));
  monitor_.Apply(Socket(2 * kSecond, true, 1, 43));
  const auto profile = monitor_.Find(kId);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_THAT(profile->checks.begin()->second.inner_cgroups,
              testing::ElementsAre("system.slice/a.service"));
  EXPECT_EQ(profile->checks.begin()->second.counts.count, 2u);
}

TEST_F(MonitorTest, WhatTheFirstProcessHoldsOutweighsTheConfiguration) {
  StartContainer();
  ContainerDescribed described;
  described.source = "oci";
  described.container_id = kId;
  described.held.emplace().source = "oci";
  monitor_.Apply(described);
  EXPECT_EQ(monitor_.Find(kId)->held->source, "oci");
  ProcessExec exec;
  exec.time = 2 * kSecond;
  exec.cgroup = kCgroup;
  exec.exe_origin = ExeOrigin::kOwn;
  exec.bounding = CapabilitySet(1);
  monitor_.Apply(exec);
  EXPECT_EQ(monitor_.Find(kId)->held->source, "process");
  EXPECT_EQ(monitor_.Find(kId)->held->bounding, CapabilitySet(1));
}

ProcessExec OwnExec(TimeNs time, bool existing) {
  ProcessExec exec;
  exec.time = time;
  exec.cgroup = kCgroup;
  exec.exe_origin = ExeOrigin::kOwn;
  exec.bounding = CapabilitySet{5, 13};
  exec.existing = existing;
  return exec;
}

Recommendation Advice(const Profile& profile) {
  return Judge(profile, CallSites::BuiltIn()).recommendation;
}

TEST_F(MonitorTest, WhatRanBeforeAndWhatWasResetIsUnknownAndANewStartEndsThat) {
  monitor_.Apply(CgroupMade{kSecond, kCgroup, "/docker/" + kId, true});
  monitor_.Apply(OwnExec(kSecond, true));
  EXPECT_EQ(Advice(*monitor_.Find(kId)).unknown, (CapabilitySet{5, 13}));
  monitor_.Apply(OwnExec(2 * kSecond, false));  // another program of the same container
  EXPECT_EQ(Advice(*monitor_.Find(kId)).unknown, (CapabilitySet{5, 13}));

  monitor_.Apply(CgroupRemoved{3 * kSecond, kCgroup});
  const std::string other(64, 'b');
  StartContainer(43, other);
  ProcessExec start = OwnExec(4 * kSecond, false);
  start.cgroup = 43;
  monitor_.Apply(start);
  EXPECT_EQ(Advice(*monitor_.Find(other)).remove, (CapabilitySet{5, 13}));
  monitor_.Apply(ProfileReset{5 * kSecond, *monitor_.KeyOf(other)});
  EXPECT_EQ(Advice(*monitor_.Find(other)).unknown, (CapabilitySet{5, 13}));
  EXPECT_EQ(Advice(*monitor_.Find(other)).remove, CapabilitySet());
}

TEST_F(MonitorTest, TheRuntimesReportOutweighsAProcessThatWasFound) {
  monitor_.Apply(CgroupMade{kSecond, kCgroup, "/docker/" + kId, true});
  ProcessExec dropped = OwnExec(kSecond, true);
  dropped.bounding = {};
  dropped.uid = 999;
  dropped.userns_level = 1;
  monitor_.Apply(dropped);
  ContainerDescribed described;
  described.source = "oci";
  described.container_id = kId;
  described.held.emplace().source = "oci";
  described.held->bounding = CapabilitySet{5, 13};
  monitor_.Apply(described);
  const auto held = monitor_.Find(kId)->held;
  ASSERT_TRUE(held);
  EXPECT_EQ(held->bounding, (CapabilitySet{5, 13}));
  EXPECT_EQ(held->source, "oci");
  EXPECT_EQ(held->userns_level, 1);
}

TEST_F(MonitorTest, ActivityIsCountedApartWhileAWorkloadStarts) {
  StartContainer();
  monitor_.Apply(OwnExec(2 * kSecond, false));
  monitor_.Apply(Socket(3 * kSecond, true, 4));
  ChecksCounted noise = Socket(100 * kSecond, true, 500);
  noise.key.capability = 21;
  noise.key.site = "security_vm_enough_memory_mm";
  noise.key.syscall = "mmap";
  monitor_.Apply(noise);
  ChecksCounted unread = Socket(100 * kSecond, true, 500);
  unread.unread_since = 50 * kSecond;
  monitor_.Apply(unread);
  EXPECT_EQ(monitor_.Find(kId)->activity, (Activity{5, 0, 0}));
  monitor_.Apply(Socket(101 * kSecond, true, 2));
  monitor_.Apply(OwnExec(102 * kSecond, false));
  EXPECT_EQ(monitor_.Find(kId)->activity, (Activity{5, 3, 102 * kSecond}));
}

TEST_F(MonitorTest, ReadsFromTcpCountUntilAContainerWasActive) {
  StartContainer();
  EXPECT_FALSE(monitor_.AwaitsUse()) << "no start was seen yet";
  for (TimeNs second = 2; second < 6; ++second) monitor_.Apply(OwnExec(second * kSecond, false));
  EXPECT_TRUE(monitor_.AwaitsUse());
  monitor_.Apply(DataRead{100 * kSecond, kCgroup, 3});
  EXPECT_TRUE(monitor_.AwaitsUse());
  monitor_.Apply(DataRead{101 * kSecond, kCgroup, 1});
  EXPECT_FALSE(monitor_.AwaitsUse());
  monitor_.Apply(DataRead{102 * kSecond, kCgroup, 7});
  EXPECT_EQ(monitor_.Find(kId)->activity, (Activity{4, 4, 101 * kSecond}));
}

TEST_F(MonitorTest, ChecksCountedWhileCountersWereNotReadHaveNoExactTime) {
  StartContainer();
  monitor_.Apply(Socket(2 * kSecond, true));
  EXPECT_EQ(monitor_.Find(kId)->checks.begin()->second.unread_to, 0);
  ChecksCounted later = Socket(9 * kSecond, true);
  later.unread_since = 4 * kSecond;
  monitor_.Apply(later);
  const Profile profile = *monitor_.Find(kId);
  EXPECT_EQ(profile.checks.begin()->second.unread_from, 4 * kSecond);
  EXPECT_EQ(profile.checks.begin()->second.unread_to, 9 * kSecond);
  EXPECT_FALSE(Judge(profile, CallSites::BuiltIn()).capabilities[0].times_exact);
}

FileRead ReadOf(CgroupId cgroup, bool known) {
  FileRead read{2 * kSecond, cgroup, 7, "/bin/sh", known, {}, false};
  if (known) read.permitted = CapabilitySet{13};
  read.effective = known;
  return read;
}

ProcessExec StartIn(CgroupId cgroup, TimeNs time = 2 * kSecond) {
  ProcessExec exec = OwnExec(time, false);
  exec.cgroup = cgroup;
  exec.exe = 7;
  exec.path = "/bin/sh";
  return exec;
}

TEST_F(MonitorTest, AnExecutedFileIsUnreadUntilItIsRead) {
  StartContainer();
  monitor_.Apply(StartIn(kCgroup));
  const Monitor::FileWish wish = monitor_.WishFor(StartIn(kCgroup));
  ASSERT_TRUE(wish.wanted && wish.unread);
  EXPECT_FALSE(wish.unread->known);
  monitor_.Apply(*wish.unread);
  EXPECT_EQ(Advice(*monitor_.Find(kId)).unknown, (CapabilitySet{5, 13}));
  EXPECT_TRUE(monitor_.WishFor(StartIn(kCgroup)).wanted) << "again at its next exec";
  EXPECT_FALSE(monitor_.WishFor(StartIn(kCgroup)).unread);
  monitor_.Apply(ReadOf(kCgroup, true));
  EXPECT_FALSE(monitor_.WishFor(StartIn(kCgroup)).wanted);
  EXPECT_EQ(Advice(*monitor_.Find(kId)).keep, CapabilitySet{13});
  EXPECT_EQ(Advice(*monitor_.Find(kId)).remove, CapabilitySet{5});
}

TEST_F(MonitorTest, AnAnswerMayComeAfterTheContainersEnd) {
  StartContainer();
  monitor_.Apply(StartIn(kCgroup));
  monitor_.Apply(ReadOf(kCgroup, false));
  monitor_.Apply(CgroupRemoved{3 * kSecond, kCgroup});
  EXPECT_EQ(Advice(*monitor_.Find(kId)).unknown, (CapabilitySet{5, 13}));
  monitor_.Apply(ReadOf(kCgroup, true));
  EXPECT_EQ(Advice(*monitor_.Find(kId)).keep, CapabilitySet{13});
  monitor_.Apply(ReadOf(4711, true));  // of a cgroup that is not known at all
  EXPECT_FALSE(monitor_.Find("cgroup-4711").ok());
}

ContainerDescribed OfImage(const std::string& id, const std::string& image) {
  ContainerDescribed described;
  described.time = 2 * kSecond;
  described.source = "docker";
  described.container_id = id;
  described.image = image;
  return described;
}

TEST_F(MonitorTest, WhatIsReadInOneContainerIsKnownInAllOfItsImage) {
  const std::string b(64, 'b'), c(64, 'c'), d(64, 'd');
  CgroupId cgroup = kCgroup;
  for (const std::string& id : {kId, b, c, d}) {
    StartContainer(cgroup, id);
    monitor_.Apply(StartIn(cgroup));
    if (id != c) monitor_.Apply(OfImage(id, id == d ? "redis" : "nginx"));
    monitor_.Apply(ReadOf(cgroup++, id == b));  // only b's is read
  }
  EXPECT_EQ(Advice(*monitor_.Find(kId)).keep, CapabilitySet{13}) << "before";
  EXPECT_EQ(Advice(*monitor_.Find(c)).unknown, (CapabilitySet{5, 13})) << "of which image?";
  monitor_.Apply(OfImage(c, "nginx"));
  monitor_.Apply(Tick{3 * kSecond});
  EXPECT_EQ(Advice(*monitor_.Find(c)).keep, CapabilitySet{13});
  EXPECT_EQ(Advice(*monitor_.Find(d)).unknown, (CapabilitySet{5, 13})) << "another image";
}

TEST_F(MonitorTest, ChecksAndExecsOutsideOfTheWatchAreCounted) {
  StartContainer();
  monitor_.Apply(StartIn(kCgroup));
  monitor_.Apply(Socket(3 * kSecond, true, 4));
  EXPECT_EQ(monitor_.Find(kId)->unwatched, 5u);
  const CheckKey socket = monitor_.Find(kId)->checks.begin()->first;
  EXPECT_EQ(monitor_.Find(kId)->checks.at(socket).unwatched, 4u);
  monitor_.Apply(SourceStarted{5 * kSecond, "tp_btf", "6.18", "v2", true, {}});
  monitor_.Apply(StartIn(kCgroup, 4 * kSecond));  // was under way already
  EXPECT_EQ(monitor_.Find(kId)->unwatched, 6u);
  monitor_.Apply(StartIn(kCgroup, 6 * kSecond));
  monitor_.Apply(Socket(6 * kSecond, true, 4));
  ChecksCounted of_the_runtime = Socket(6 * kSecond, true, 4);
  EXPECT_EQ(monitor_.Find(kId)->unwatched, 6u);
  ChecksCounted unread = Socket(7 * kSecond, true, 2);
  unread.unread_since = 6 * kSecond;  // while capmond did not run
  monitor_.Apply(unread);
  EXPECT_EQ(monitor_.Find(kId)->unwatched, 8u);
  monitor_.Apply(SourceStarted{8 * kSecond, "tp_btf", "6.18", "v2", false, {}});
  of_the_runtime.key.exe_origin = ExeOrigin::kHost;
  monitor_.Apply(of_the_runtime);
  EXPECT_EQ(monitor_.Find(kId)->unwatched, 8u);
  EXPECT_EQ(monitor_.Find(kId)->checks.at(socket).unwatched, 6u);
}

TEST_F(MonitorTest, TheUserMapIsOfTheNamespaceItStartedIn) {
  StartContainer();
  ProcessExec exec = StartIn(kCgroup);
  exec.userns_level = 1;
  exec.uid = 100033;
  monitor_.Apply(exec);
  EXPECT_TRUE(monitor_.WantsUserMap(exec));
  monitor_.Apply(UserMapRead{2 * kSecond, kCgroup, 2, {{0, 7, 1}}});  // one that it made inside
  EXPECT_TRUE(monitor_.Find(kId)->user_map.empty());
  monitor_.Apply(UserMapRead{2 * kSecond, kCgroup, 1, {{0, 100000, 65536}}});
  EXPECT_FALSE(monitor_.WantsUserMap(exec));
  EXPECT_EQ(Advice(*monitor_.Find(kId)).non_root_reason, "it starts as user 33 already");
}

TEST_F(MonitorTest, StatusNamesTheContainersThatLostMost) {
  StartContainer();
  StartContainer(43, std::string(64, 'b'));
  monitor_.Apply(EvidenceLost{2 * kSecond, "outcome", kCgroup, 18568});
  monitor_.Apply(EvidenceLost{2 * kSecond, "map-full", 43, 1});
  const auto losing = monitor_.Status().losing;
  ASSERT_EQ(losing.size(), 2u);
  EXPECT_EQ(losing[0].second, (std::map<std::string, uint64_t>{{"map-full", 1}}));
  EXPECT_EQ(losing[1].second, (std::map<std::string, uint64_t>{{"outcome", 18568}}));
  EXPECT_EQ(Judge(*monitor_.Find(kId), CallSites::BuiltIn()).confidence.lost, 0u);
}

}  // namespace
}  // namespace capmon
