// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/container_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace capmon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kId = "4f66ad9a0b2e5f2c1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8";
const std::string kOther = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string kOwn = "/docker/" + kId;

CgroupMade Made(CgroupId cgroup, const std::string& path, TimeNs time = 100,
                bool existing = false) {
  return {time, cgroup, path, existing};
}

ContainerDescribed Described(const std::string& id, const std::string& source,
                             const std::string& name) {
  ContainerDescribed described;
  described.time = 150;
  described.container_id = id;
  described.source = source;
  described.name = name;
  return described;
}

ContainerDescribed At(const std::string& path, const std::string& id, const std::string& name) {
  ContainerDescribed described = Described(id, "oci", name);
  described.cgroup_path = path;
  described.runtime = "runc";
  return described;
}

TEST(ContainerIndex, KnowsTheHostFromTheStart) {
  ContainerIndex index;
  ASSERT_EQ(index.All().size(), 1u);
  EXPECT_EQ(index.Learn(Made(1, "/")).key, "host");
  EXPECT_EQ(index.Learn(Made(2, "/system.slice")).key, "host");
  EXPECT_EQ(index.Learn(Made(3, "/user.slice/user-0.slice/session-1.scope")).key, "host");
  EXPECT_EQ(index.All().size(), 1u);
  const Container& host = index.FindOrAdd(3, 200);
  EXPECT_EQ(host.kind, ContainerKind::kHost);
  EXPECT_EQ(host.id, "host");
  EXPECT_EQ(host.name, "host");
  EXPECT_EQ(host.cgroup, 1u);
}

ContainerDescribed ByUser(const std::string& id, const std::string& name) {
  ContainerDescribed described = Described(id, "docker", name);
  described.by_user = "1000";
  described.image = "shop:1";
  described.pod = "api";
  described.pod_namespace = "kube-system";
  described.root = "/etc";
  described.held = HeldSets{};
  described.cgroup_path = kOwn;
  return described;
}

std::string SliceOf(int user, const std::string& id) {
  const std::string number = std::to_string(user);
  return "/user.slice/user-" + number + ".slice/user@" + number + ".service/user.slice/docker-" +
         id + ".scope";
}

TEST(ContainerIndex, AContainerThatEndedBeforeItWasSeenRanBefore) {
  constexpr TimeNs kSeen = 100;
  for (const TimeNs ended : {TimeNs{0}, kSeen - 1, kSeen, kSeen + 1}) {
    ContainerIndex index;
    index.Learn(Made(10, kOwn, kSeen));
    ContainerDescribed described = Described(kId, "docker", "web");
    described.ended_before = ended;
    index.Describe(described);
    EXPECT_EQ(index.FindOrAdd(10, 200).ran_before, ended == kSeen - 1)
        << ended << ": later it is its own end";
  }
}

TEST(ContainerIndex, AnEarlierRunThatWasSeenIsNoneBefore) {
  for (const bool seen_from_start : {true, false}) {
    ContainerIndex index;
    const std::string first = index.Learn(Made(10, kOwn, 100, /*existing=*/!seen_from_start)).key;
    index.Forget(CgroupRemoved{200, 10});
    const std::string second = index.Learn(Made(11, kOwn, 300)).key;
    ContainerDescribed described = Described(kId, "docker", "web");
    described.ended_before = 200;
    index.Describe(described);
    EXPECT_FALSE(index.Find(first)->ran_before);
    EXPECT_EQ(index.Find(second)->ran_before, !seen_from_start);
  }
}

// Users may say what they like about their own containers, and nothing about others.
TEST(ContainerIndex, AUsersEngineNamesTheUsersContainersOnly) {
  ContainerIndex index;
  const std::string systems = index.Learn(Made(10, kOwn)).key;
  const std::string own = index.Learn(Made(20, SliceOf(1000, kOther))).key;
  const std::string another = index.Learn(Made(30, SliceOf(1001, kOther))).key;
  index.Describe(Described(kId, "docker", "web"));
  for (const std::string& id : {kId, kOther}) index.Describe(ByUser(id, "evil"));
  EXPECT_EQ(index.Find(systems)->name, "web");
  EXPECT_EQ(index.Find(systems)->image, "");
  EXPECT_EQ(index.Find(another)->name, kOther.substr(0, 12));
  const Container& named = *index.Find(own);
  EXPECT_EQ(named.name, "evil");
  EXPECT_EQ(named.image, "shop:1");
  EXPECT_EQ(named.pod, "") << "it would be a pod of the cluster";
  EXPECT_EQ(named.root, "") << "capmond would read files there";
  EXPECT_FALSE(named.granted) << "what it holds";
}

TEST(ContainerIndex, AUsersEngineDisplacesNoOther) {
  ContainerIndex index;
  index.Describe(Described(kId, "docker", "web"));
  for (size_t i = 0; i < 2 * Descriptions::kMax; ++i) {
    std::string id = std::to_string(i);
    index.Describe(ByUser(id.insert(0, 64 - id.size(), '0'), "evil"));
  }
  EXPECT_EQ(index.Find(index.Learn(Made(10, kOwn)).key)->name, "web");
}

TEST(ContainerIndex, OneContainerWithItsInnerCgroups) {
  ContainerIndex index;
  const auto [key, merged, groups] = index.Learn(Made(10, kOwn));
  EXPECT_THAT(merged, IsEmpty());
  EXPECT_EQ(index.Learn(Made(11, kOwn + "/init")).key, key);
  EXPECT_EQ(index.Learn(Made(12, kOwn + "/a/" + kOther)).key, key);
  const Container& container = index.FindOrAdd(12, 200);
  EXPECT_EQ(container.key, key);
  EXPECT_EQ(container.id, kId);
  EXPECT_EQ(container.name, kId.substr(0, 12));
  EXPECT_EQ(container.name_source, "cgroup");
  EXPECT_EQ(container.cgroup, 10u);
  EXPECT_EQ(container.cgroup_path, kOwn);
  EXPECT_EQ(container.first_seen, 100);
  EXPECT_TRUE(container.from_start);
  EXPECT_EQ(container.removed, 0);
}

TEST(ContainerIndex, WhatExistedBeforeWasNotSeenFromTheStart) {
  ContainerIndex index;
  index.Learn(Made(10, kOwn, 100, /*existing=*/true));
  EXPECT_FALSE(index.FindOrAdd(10, 100).from_start);
}

TEST(ContainerIndex, AScanThatIsFasterThanTheRecordHidesNoStart) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(10, kOwn, 100, /*existing=*/true)).key;
  EXPECT_EQ(index.Learn(Made(10, kOwn, 90)).key, key);
  EXPECT_TRUE(index.Find(key)->from_start);
  index.Learn(Made(11, "/init.scope", 100, /*existing=*/true));
  index.Learn(Made(11, "/init.scope", 100));
  EXPECT_FALSE(index.Find("host")->from_start);
}

TEST(ContainerIndex, InnerCgroupsFindAContainerThatWasNeverAnnounced) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(11, kOwn + "/init")).key;
  EXPECT_EQ(index.Learn(Made(12, kOwn + "/other")).key, key);
  EXPECT_EQ(index.Find(key)->cgroup, 0u);
  EXPECT_FALSE(index.Find(key)->from_start);
  // Its record came after all: the same container.
  EXPECT_EQ(index.Learn(Made(10, kOwn, 150, true)).key, key);
  EXPECT_EQ(index.Find(key)->cgroup, 10u);
  EXPECT_EQ(index.All().size(), 2u);
}

TEST(ContainerIndex, AContainerThatWasNeverAnnouncedEndsWithItsLastInnerCgroup) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(11, kOwn + "/a")).key;
  index.Learn(Made(12, kOwn + "/b"));
  index.Forget({200, 11});
  EXPECT_EQ(index.Find(key)->removed, 0);
  index.Forget({300, 12});
  EXPECT_EQ(index.Find(key)->removed, 300);
}

TEST(ContainerIndex, EndsWithItsOwnCgroupAndIsStillFoundByLateChecks) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(10, kOwn)).key;
  index.Learn(Made(11, kOwn + "/init"));
  index.Forget({200, 11});
  EXPECT_EQ(index.Find(key)->removed, 0);
  index.Forget({300, 10});
  EXPECT_EQ(index.Find(key)->removed, 300);
  EXPECT_EQ(index.FindOrAdd(10, 400).key, key);
  EXPECT_EQ(index.FindOrAdd(11, 400).key, key);
  index.Forget({500, 10});  // reported twice
  index.Forget({500, 999});
  EXPECT_EQ(index.Find(key)->removed, 300);
}

TEST(ContainerIndex, AReusedCgroupIdIsAnotherContainer) {
  ContainerIndex index;
  const std::string first = index.Learn(Made(10, kOwn, 100)).key;
  index.Forget({200, 10});
  const std::string second = index.Learn(Made(10, kOwn, 300)).key;
  EXPECT_NE(first, second);
  EXPECT_EQ(index.FindOrAdd(10, 400).key, second);
  EXPECT_EQ(index.Find(first)->removed, 200);
  EXPECT_EQ(index.Find(second)->removed, 0);
}

TEST(ContainerIndex, AReusedCgroupIdIsSeenThoughTheRemovalWasMissed) {
  ContainerIndex index;
  const std::string first = index.Learn(Made(10, kOwn, 100)).key;
  const std::string second = index.Learn(Made(10, "/docker/" + kOther, 300)).key;
  EXPECT_NE(first, second);
  EXPECT_EQ(index.Find(first)->removed, 300);
  EXPECT_EQ(index.FindOrAdd(10, 400).id, kOther);
  EXPECT_EQ(index.Learn(Made(10, "/system.slice", 500)).key, "host");
  EXPECT_EQ(index.Find(second)->removed, 500);
}

TEST(ContainerIndex, AReusedNameIsAnotherContainerThoughTheRemovalWasMissed) {
  ContainerIndex index;
  const std::string first = index.Learn(Made(10, "/default/web", 100)).key;
  const std::string second = index.Learn(Made(20, "/default/web", 300)).key;
  EXPECT_NE(first, second);
  EXPECT_EQ(index.Find(first)->removed, 300);
  EXPECT_EQ(index.Learn(Made(21, "/default/web/inner", 301)).key, second);
  // The late record of the first one's removal does not end the second.
  index.Forget({400, 10});
  EXPECT_EQ(index.Find(second)->removed, 0);
}

TEST(ContainerIndex, ReuseWithinOneInstantStillMakesAnotherKey) {
  ContainerIndex index;
  const std::string first = index.Learn(Made(10, kOwn, 100)).key;
  index.Forget({100, 10});
  EXPECT_NE(index.Learn(Made(10, kOwn, 100)).key, first);
}

TEST(ContainerIndex, ReportingTwiceChangesNothing) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(10, kOwn, 100)).key;
  EXPECT_EQ(index.Learn(Made(10, kOwn, 150, /*existing=*/true)).key, key);
  EXPECT_TRUE(index.Find(key)->from_start);
  EXPECT_EQ(index.Find(key)->first_seen, 100);
}

TEST(ContainerIndex, AnUnknownCgroupTurnsIntoItsContainer) {
  ContainerIndex index;
  const Container& unknown = index.FindOrAdd(10, 50);
  const std::string key = unknown.key;
  EXPECT_EQ(unknown.kind, ContainerKind::kUnknown);
  EXPECT_EQ(unknown.name, "cgroup-10");
  EXPECT_EQ(index.unnamed(), 1u);
  const auto learned = index.Learn(Made(10, kOwn, 100));
  EXPECT_EQ(learned.key, key);
  EXPECT_THAT(learned.merged, IsEmpty());
  EXPECT_EQ(&index.FindOrAdd(10, 200), &unknown);
  EXPECT_EQ(unknown.kind, ContainerKind::kContainer);
  EXPECT_EQ(unknown.id, kId);
  EXPECT_EQ(unknown.first_seen, 50);
  EXPECT_TRUE(unknown.from_start);
  EXPECT_EQ(index.unnamed(), 0u);
  // And its inner cgroups follow.
  EXPECT_EQ(index.Learn(Made(11, kOwn + "/x")).key, key);
}

TEST(ContainerIndex, AnUnknownInnerCgroupIsMergedIntoItsContainer) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(10, kOwn)).key;
  const std::string stand_in = index.FindOrAdd(11, 150).key;
  const auto learned = index.Learn(Made(11, kOwn + "/init", 200));
  EXPECT_EQ(learned.key, key);
  EXPECT_THAT(learned.merged, ElementsAre(ContainerIndex::Merge{stand_in, key}));
  EXPECT_EQ(index.Find(stand_in), nullptr);
  EXPECT_EQ(index.FindOrAdd(11, 300).key, key);
  EXPECT_EQ(index.unnamed(), 0u);
}

TEST(ContainerIndex, UnknownCgroupsOfTheHostAndOfUnitsAreMergedToo) {
  ContainerIndex index;
  const std::string a = index.FindOrAdd(5, 10).key;
  const std::string b = index.FindOrAdd(6, 10).key;
  EXPECT_THAT(index.Learn(Made(5, "/init.scope")).merged,
              ElementsAre(ContainerIndex::Merge{a, "host"}));
  EXPECT_THAT(index.Learn(Made(6, "/system.slice/cron.service")).merged,
              ElementsAre(ContainerIndex::Merge{b, "unit:cron.service"}));
  EXPECT_EQ(index.FindOrAdd(5, 20).key, "host");
  EXPECT_EQ(index.FindOrAdd(6, 20).key, "unit:cron.service");
}

TEST(ContainerIndex, AnUnusablePathLeavesTheCgroupUnknown) {
  ContainerIndex index;
  const std::string key = index.FindOrAdd(10, 50).key;
  EXPECT_EQ(index.Learn(Made(10, "")).key, key);
  EXPECT_EQ(index.Learn(Made(10, "/docker/../x")).key, key);
  EXPECT_EQ(index.unnamed(), 1u);
  EXPECT_EQ(index.Learn(Made(10, kOwn)).key, key);
  EXPECT_EQ(index.Find(key)->id, kId);
}

TEST(ContainerIndex, AnUnknownCgroupThatWentIsNotTheOneThatComes) {
  ContainerIndex index;
  const std::string unknown = index.FindOrAdd(10, 50).key;
  index.Forget({60, 10});
  EXPECT_EQ(index.Find(unknown)->removed, 60);
  EXPECT_EQ(index.unnamed(), 0u);
  EXPECT_NE(index.Learn(Made(10, kOwn, 70)).key, unknown);
}

TEST(ContainerIndex, AUnitStaysTheSameAcrossRestarts) {
  ContainerIndex index;
  const std::string path = "/system.slice/nginx.service";
  const std::string key = index.Learn(Made(10, path, 100, true)).key;
  EXPECT_FALSE(index.Find(key)->from_start);
  index.Forget({200, 10});
  EXPECT_EQ(index.Find(key)->removed, 200);
  EXPECT_EQ(index.Learn(Made(20, path, 300)).key, key);
  EXPECT_EQ(index.Find(key)->removed, 0);
  EXPECT_EQ(index.Find(key)->cgroup, 20u);
  EXPECT_TRUE(index.Find(key)->from_start);
  EXPECT_EQ(index.Find(key)->first_seen, 100);
  // A user's unit of the same name is another.
  EXPECT_NE(index.Learn(Made(30, "/user.slice/user-9.slice/user@9.service/nginx.service")).key,
            key);
}

TEST(ContainerIndex, WhatRunsInAContainerIsChargedToIt) {
  ContainerIndex index;
  const std::string node = index.Learn(Made(10, kOwn)).key;
  const std::string pod = "kubepods/pod6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8/" + kOther;
  EXPECT_EQ(index.Learn(Made(11, kOwn + "/" + pod)).key, node);
  EXPECT_EQ(index.Learn(Made(12, kOwn + "/docker/" + kOther)).key, node);
  EXPECT_EQ(index.InnerPathOf(10), "");
  EXPECT_EQ(index.InnerPathOf(11), pod);
  EXPECT_EQ(index.InnerPathOf(12), "docker/" + kOther);
  EXPECT_EQ(index.InnerPathOf(99), "");
}

TEST(ContainerIndex, AContainerOfNoKnownRuntimeCannotMakeUpOthers) {
  ContainerIndex index;
  const std::string box = index.Learn(Made(10, "/mybox")).key;
  index.FindOrAdd(10, 110);  // programs run in it
  EXPECT_EQ(index.Learn(Made(11, "/mybox/" + kOther)).key, box);
  EXPECT_EQ(index.Learn(Made(12, "/mybox/docker-" + kOther + ".scope/x")).key, box);
  EXPECT_EQ(index.All().size(), 2u);
}

TEST(ContainerIndex, ChecksInAnInnerCgroupSayNothingAboutTheOuter) {
  ContainerIndex index;
  index.FindOrAdd(11, 50);
  const std::string group = index.Learn(Made(11, "/shop/tools")).key;
  EXPECT_EQ(index.Find(group)->id, "shop");
  EXPECT_THAT(index.Learn(Made(12, "/shop/" + kId)).merged,
              ElementsAre(ContainerIndex::Merge{group, "host"}));
}

TEST(ContainerIndex, ATopLevelCgroupThatOnlyHoldsContainersIsNone) {
  ContainerIndex index;
  const std::string group = index.Learn(Made(10, "/shop")).key;
  const auto learned = index.Learn(Made(11, "/shop/" + kId));
  EXPECT_THAT(learned.merged, ElementsAre(ContainerIndex::Merge{group, "host"}));
  EXPECT_EQ(index.Find(learned.key)->id, kId);
  EXPECT_EQ(index.FindOrAdd(10, 200).key, "host");
  const std::string tools = index.Learn(Made(12, "/shop/tools/in")).key;
  EXPECT_EQ(index.Find(tools)->id, "tools");
  EXPECT_EQ(index.Find(tools)->cgroup_path, "/shop/tools");
  EXPECT_EQ(index.Learn(Made(15, "/shop/tools")).key, tools);
  index.Describe(At("/shop/tools", "box7", ""));
  EXPECT_EQ(index.Find(tools)->id, "box7");
  EXPECT_NE(index.Learn(Made(13, "/shop/" + kOther)).key, learned.key);
  EXPECT_EQ(index.Learn(Made(14, "/shop/" + kOther + "/in")).key, index.FindOrAdd(13, 210).key);
}

TEST(ContainerIndex, DescriptionsOnlyAdd) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(10, "/shop/" + kId)).key;
  ContainerDescribed described = Described(kId, "docker", "web");
  described.image = "nginx:1.25";
  described.labels = {{"app", "web"}};
  index.Describe(described);
  const Container& container = *index.Find(key);
  EXPECT_EQ(container.name, "web");
  EXPECT_EQ(container.name_source, "docker");
  EXPECT_EQ(container.image, "nginx:1.25");
  EXPECT_EQ(container.runtime, "docker");
  EXPECT_FALSE(container.privileged);

  ContainerDescribed more = Described(kId, "oci", "other");
  more.pod = "web-1";
  more.privileged = true;
  more.labels = {{"app", "changed"}, {"tier", "front"}};
  index.Describe(more);
  EXPECT_EQ(container.name, "web");
  EXPECT_EQ(container.name_source, "docker");
  EXPECT_EQ(container.pod, "web-1");
  EXPECT_TRUE(container.privileged);
  EXPECT_EQ(container.labels.at("app"), "web");
  EXPECT_EQ(container.labels.at("tier"), "front");
}

TEST(ContainerIndex, DescriptionsWaitForTheirContainerAndForItsRestart) {
  ContainerIndex index;
  index.Describe(Described(kId, "docker", "web"));
  const std::string first = index.Learn(Made(10, kOwn, 100)).key;
  EXPECT_EQ(index.Find(first)->name, "web");
  index.Forget({200, 10});
  const std::string second = index.Learn(Made(20, kOwn, 300)).key;
  EXPECT_EQ(index.Find(second)->name, "web");
  // The id must be the whole one.
  const std::string other = index.Learn(Made(30, "/default/" + kId.substr(0, 12))).key;
  EXPECT_EQ(index.Find(other)->name, kId.substr(0, 12));
}

TEST(ContainerIndex, TheMoreAuthoritativeSourceWins) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(10, kOwn)).key;
  const Container& container = *index.Find(key);
  ContainerDescribed oci = Described(kId, "oci", "from-files");
  oci.image = "a";
  oci.runtime = "runc";
  oci.held.emplace().bounding = CapabilitySet(5);
  index.Describe(oci);
  EXPECT_EQ(container.name, "from-files");
  EXPECT_EQ(container.runtime, "docker");
  ASSERT_TRUE(container.granted);
  EXPECT_EQ(container.granted->bounding.bits(), 5u);
  index.Describe(Described(kId, "docker", "from-docker"));
  EXPECT_EQ(container.name, "from-docker");
  EXPECT_EQ(container.image, "a");
  index.Describe(Described(kId, "oci", "again"));
  EXPECT_EQ(container.name, "from-docker");
  index.Describe(Described(kId, "docker", "renamed"));
  EXPECT_EQ(container.name, "renamed");
  ContainerDescribed cri = Described(kId, "cri", "app");
  cri.pod = "web-0";
  cri.workload = "sts/web";
  cri.workload_inferred = true;
  index.Describe(cri);
  EXPECT_EQ(container.name, "app");
  EXPECT_EQ(container.name_source, "cri");
  EXPECT_EQ(container.workload, "sts/web");
  EXPECT_TRUE(container.workload_inferred);
}

TEST(ContainerIndex, ARuntimesWordMakesAContainerWhereThePathDoesNot) {
  ContainerIndex index;
  EXPECT_EQ(index.Describe(At("/group/ct", "box7", "")).key, "");
  index.Learn(Made(10, "/group"));
  const std::string key = index.Learn(Made(11, "/group/ct")).key;
  EXPECT_EQ(index.Find(key)->id, "box7");
  EXPECT_EQ(index.Find(key)->runtime, "runc");
  EXPECT_EQ(index.Find(key)->cgroup_path, "/group/ct");
  EXPECT_TRUE(index.Find(key)->from_start);
  EXPECT_EQ(index.Learn(Made(12, "/group/ct/docker/" + kId)).key, key);
  EXPECT_EQ(index.InnerPathOf(12), "docker/" + kId);
  EXPECT_EQ(index.FindOrAdd(10, 200).key, "host");
  // In a slice or a unit as well.
  index.Describe(At("/user.slice/app-x.scope", "x", ""));
  EXPECT_EQ(index.Find(index.Learn(Made(20, "/user.slice/app-x.scope/in")).key)->id, "x");
  index.Describe(At("/system.slice/ci.service/job", "job1", ""));
  const std::string job = index.Learn(Made(21, "/system.slice/ci.service/job")).key;
  EXPECT_EQ(index.Find(job)->id, "job1");
  EXPECT_EQ(index.Learn(Made(22, "/system.slice/ci.service/other")).key, "unit:ci.service");
}

TEST(ContainerIndex, ARuntimesWordThatComesLateStillCounts) {
  ContainerIndex index;
  const std::string guess = index.Learn(Made(10, "/group", 100, true)).key;
  index.Learn(Made(11, "/group/ct", 101, true));
  EXPECT_EQ(index.FindOrAdd(11, 102).key, guess);
  const auto learned = index.Describe(At("/group/ct", "box7", ""));
  const Container* container = index.Find(learned.key);
  ASSERT_NE(container, nullptr);
  EXPECT_EQ(container->id, "box7");
  EXPECT_EQ(container->cgroup, 11u);
  EXPECT_EQ(container->first_seen, 101);
  EXPECT_FALSE(container->from_start);
  // It was the only member, so everything charged to the group belongs to it.
  EXPECT_THAT(learned.merged, ElementsAre(ContainerIndex::Merge{guess, learned.key}));
  EXPECT_EQ(index.FindOrAdd(11, 103).key, learned.key);
  EXPECT_EQ(index.FindOrAdd(10, 103).key, "host");
  index.Forget({200, 11});
  EXPECT_EQ(index.Find(learned.key)->removed, 200);
  // The next one there is not known to be the same.
  EXPECT_NE(index.Find(index.Learn(Made(12, "/group/ct", 300)).key)->id, "box7");
}

TEST(ContainerIndex, ContainersInAGroupAreDistinguishedBeforeARuntimeReports) {
  ContainerIndex index;
  index.Learn(Made(10, "/group"));
  const std::string a = index.Learn(Made(11, "/group/a")).key;
  const std::string b = index.Learn(Made(12, "/group/b")).key;
  EXPECT_NE(a, b);
  EXPECT_EQ(index.Find(a)->id, "a");
  EXPECT_THAT(index.Describe(At("/group/b", kId, "")).merged, IsEmpty());
  EXPECT_EQ(index.Find(b)->id, kId);
  EXPECT_TRUE(index.Find(b)->from_start);
  EXPECT_EQ(index.FindOrAdd(10, 200).key, "host");
  // A cgroup that a runtime or systemd creates inside a container is no other container.
  const std::string box = index.Learn(Made(20, "/box")).key;
  EXPECT_EQ(index.Learn(Made(21, "/box/payload")).key, box);
  EXPECT_EQ(index.Learn(Made(22, "/box/system.slice/a.service")).key, box);
  // Nor is anything where programs run in the cgroup above.
  index.FindOrAdd(20, 200);
  EXPECT_EQ(index.Learn(Made(23, "/box/c")).key, box);
}

TEST(ContainerIndex, EvidenceOfSeveralContainersIsNotMoved) {
  ContainerIndex index;
  const std::string guess = index.Learn(Made(10, "/group", 100, true)).key;
  index.Learn(Made(11, "/group/a", 100, true));
  index.Learn(Made(12, "/group/b", 100, true));
  const auto a = index.Describe(At("/group/a", "a", ""));
  const auto b = index.Describe(At("/group/b", "b", ""));
  EXPECT_THAT(a.merged, IsEmpty());
  EXPECT_THAT(b.merged, IsEmpty());
  EXPECT_NE(index.Find(guess), nullptr);
  EXPECT_EQ(index.FindOrAdd(11, 200).id, "a");
  EXPECT_EQ(index.FindOrAdd(12, 200).id, "b");
}

TEST(ContainerIndex, WhatAnEarlierOneDidIsNotItsSuccessors) {
  ContainerIndex index;
  index.Learn(Made(10, "/group", 100, true));
  index.Learn(Made(11, "/group/ended", 100, true));
  index.Forget({200, 11});
  index.Learn(Made(12, "/group/b", 250, true));
  EXPECT_THAT(index.Describe(At("/group/b", "b", "")).merged, IsEmpty());
  EXPECT_EQ(index.FindOrAdd(12, 300).id, "b");
}

TEST(ContainerIndex, APlainContainerHasTheIdItsRuntimeGaveIt) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(10, "/mybox")).key;
  index.Describe(At("/mybox", "box7", ""));
  EXPECT_EQ(index.Find(key)->id, "box7");
  EXPECT_EQ(index.Find(key)->name, "box7");
  EXPECT_EQ(index.Find(key)->runtime, "runc");
  EXPECT_EQ(index.Learn(Made(11, "/mybox/docker/" + kOther)).key, key);
}

TEST(ContainerIndex, OnlyTheOuterContainerIsOneWhateverIsDeclaredInside) {
  ContainerIndex index;
  const std::string outer = index.Learn(Made(10, kOwn)).key;
  index.Learn(Made(11, kOwn + "/job"));
  EXPECT_EQ(index.Describe(At(kOwn + "/job", "job", "")).key, "");
  EXPECT_EQ(index.Learn(Made(12, kOwn + "/job/x")).key, outer);
  EXPECT_EQ(index.Find(outer)->id, kId);
  // Taken for containers until it turned out that they are in one.
  const std::string inner = index.Learn(Made(21, "/shop/" + kOther)).key;
  const auto learned = index.Describe(At("/shop", "shop1", ""));
  EXPECT_THAT(learned.merged, ElementsAre(ContainerIndex::Merge{inner, learned.key}));
  EXPECT_EQ(index.FindOrAdd(21, 300).id, "shop1");
  EXPECT_EQ(index.InnerPathOf(21), kOther);
}

TEST(ContainerIndex, NamesInADelegatedSubtreeMustComeWithThePath) {
  ContainerIndex index;
  index.Describe(Described(kId, "docker", "web"));
  const std::string tree = "/user.slice/user-9.slice/user@9.service/docker-" + kId + ".scope";
  const std::string fake = index.Learn(Made(10, tree)).key;
  EXPECT_NE(index.Find(fake)->name, "web");
  EXPECT_EQ(index.Find(index.Learn(Made(11, kOwn)).key)->name, "web");
  ContainerDescribed real = At(tree, kId, "rootless");
  index.Describe(real);
  EXPECT_EQ(index.Find(fake)->name, "rootless");
}

TEST(ContainerIndex, TwoRuntimesMayUseOneId) {
  ContainerIndex index;
  index.Describe(At("/default/web", "web", "ctr's"));
  index.Describe(At("/boxes/web", "web", "runc's"));
  EXPECT_EQ(index.Find(index.Learn(Made(10, "/default/web")).key)->name, "ctr's");
  EXPECT_EQ(index.Find(index.Learn(Made(11, "/boxes/web")).key)->name, "runc's");
}

TEST(ContainerIndex, AUnitHasItsDescriptionAndNoContainersName) {
  ContainerIndex index;
  ContainerDescribed unit = Described("a.service", "systemd", "");
  unit.description = "A service";
  index.Describe(unit);
  index.Describe(Described("a.service", "docker", "imposter"));
  const std::string key = index.Learn(Made(10, "/system.slice/a.service")).key;
  EXPECT_EQ(index.Find(key)->description, "A service");
  EXPECT_EQ(index.Find(key)->name, "a.service");
}

TEST(ContainerIndex, ListsCgroupsWithoutAPath) {
  ContainerIndex index;
  EXPECT_THAT(index.Unnamed(), IsEmpty());
  index.FindOrAdd(10, 50);
  EXPECT_THAT(index.Unnamed(), ElementsAre(10u));
  index.Learn(Made(10, kOwn));
  EXPECT_THAT(index.Unnamed(), IsEmpty());
}

TEST(ContainerIndex, DescriptionsAreBounded) {
  ContainerIndex index;
  const std::string named = index.Learn(Made(9, "/default/box0")).key;
  for (size_t i = 0; i < Descriptions::kMax + 3; ++i) {
    const std::string number = std::to_string(i);
    index.Describe(Described("box" + number, "docker", "name" + number));
  }
  EXPECT_EQ(index.dropped_descriptions(), 3u);
  // A dropped description stays where it was used, and outranks lesser sources.
  index.Describe(Described("box0", "oci", "late"));
  EXPECT_EQ(index.dropped_descriptions(), 4u);
  EXPECT_EQ(index.Find(named)->name, "name0");
  EXPECT_EQ(index.Find(index.Learn(Made(10, "/default/box3")).key)->name, "box3");
  EXPECT_EQ(index.Find(index.Learn(Made(11, "/default/box4")).key)->name, "name4");
}

// A bundle says where the cgroup is to be, the runtime's state says where it is.
TEST(ContainerIndex, ADescriptionThatMovedCanBeDropped) {
  ContainerIndex index;
  index.Describe(At("/first/box", kId, "web"));
  index.Describe(At("/second/box", kId, "web"));
  for (size_t i = 0; i < Descriptions::kMax; ++i)
    index.Describe(Described("box" + std::to_string(i), "docker", "name"));
  EXPECT_EQ(index.dropped_descriptions(), 1u);
  EXPECT_NE(index.Find(index.Learn(Made(10, "/first/box/in")).key)->name, "web");
  EXPECT_NE(index.Find(index.Learn(Made(11, "/second/box/in")).key)->name, "web");
}

TEST(ContainerIndex, AContainersNewCgroupsBelongToItWithoutADescription) {
  ContainerIndex index;
  const std::vector<std::string> homes = {"/system.slice/ci.service/job", "/a/b/job",
                                          "/user.slice/job.scope"};
  std::vector<std::string> keys;
  for (const std::string& home : homes) {
    index.Describe(At(home, "job", ""));
    keys.push_back(index.Learn(Made(100 + keys.size(), home)).key);
  }
  for (size_t i = 0; i < Descriptions::kMax; ++i)
    index.Describe(Described("box" + std::to_string(i), "docker", "name"));
  for (size_t i = 0; i < homes.size(); ++i)
    EXPECT_EQ(index.Learn(Made(200 + i, homes[i] + "/in")).key, keys[i]) << homes[i];
}

// Restores an index from everything that another one persists.
ContainerIndex Restored(const ContainerIndex& index) {
  ContainerIndex again;
  for (const Container* container : index.All()) again.Restore(*container, true);
  for (const Container* container : index.All())
    for (const auto& [cgroup, path] : index.CgroupsOf(container->key))
      again.Restore(cgroup, container->key, path);
  return again;
}

TEST(ContainerIndex, AGroupIsStillOneAfterARestart) {
  ContainerIndex index;
  index.Learn(Made(10, "/shop"));
  const std::string web = index.Learn(Made(11, "/shop/web")).key;
  ContainerIndex again = Restored(index);
  EXPECT_EQ(again.Learn(Made(11, "/shop/web", 200, true)).key, web);
  const std::string db = again.Learn(Made(12, "/shop/db", 201)).key;
  EXPECT_EQ(again.Find(db)->id, "db");
  EXPECT_THAT(again.Learn(Made(13, "/shop/cache", 202)).merged, IsEmpty());
  EXPECT_EQ(again.FindOrAdd(12, 203).key, db);
}

TEST(ContainerIndex, WhereNothingEverRanIsAGroupAlsoAfterARestart) {
  ContainerIndex index;
  const std::string shop = index.Learn(Made(10, "/shop")).key;
  ContainerIndex again;
  again.Restore(*index.Find(shop), /*lived_in=*/false);
  again.Restore(10, shop, "/shop");
  const auto web = again.Learn(Made(11, "/shop/web", 200));
  EXPECT_THAT(web.merged, ElementsAre(ContainerIndex::Merge{shop, "host"}));
  EXPECT_EQ(again.Find(web.key)->id, "web");
}

TEST(ContainerIndex, EvictsOnlyWhatEndedOrIsUnknown) {
  ContainerIndex index;
  const std::string live = index.Learn(Made(10, kOwn)).key;
  const std::string ended = index.Learn(Made(20, "/default/web")).key;
  index.Learn(Made(21, "/default/web/inner"));
  const std::string unknown = index.FindOrAdd(30, 100).key;
  index.Forget({200, 21});
  index.Forget({200, 20});
  for (const std::string& key : {live, ended, unknown, std::string("host"), std::string("none")})
    index.Evict(key);
  EXPECT_NE(index.Find(live), nullptr);
  EXPECT_NE(index.Find("host"), nullptr);
  EXPECT_EQ(index.Find(ended), nullptr);
  EXPECT_EQ(index.Find(unknown), nullptr);
  EXPECT_EQ(index.unnamed(), 0u);
  // Their cgroups are gone as well.
  EXPECT_EQ(index.FindOrAdd(21, 300).kind, ContainerKind::kUnknown);
  EXPECT_EQ(index.FindOrAdd(20, 300).kind, ContainerKind::kUnknown);
}

TEST(ContainerIndex, EvictingAnEndedContainerLeavesItsSuccessorAlone) {
  ContainerIndex index;
  const std::string first = index.Learn(Made(10, "/default/web", 100)).key;
  const std::string second = index.Learn(Made(20, "/default/web", 300)).key;
  index.Evict(first);
  EXPECT_EQ(index.Learn(Made(21, "/default/web/inner", 301)).key, second);
}

TEST(ContainerIndex, OneContainerCannotFillItWithInnerCgroups) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(1, kOwn)).key;
  const size_t limit = ContainerIndex::kMaxCgroupsPerContainer;
  for (CgroupId id = 2; id < limit + 12; ++id)
    EXPECT_EQ(index.Learn(Made(id, kOwn + "/" + std::to_string(id))).key, key);
  EXPECT_EQ(index.dropped_cgroups(), 11u);
  EXPECT_EQ(index.FindOrAdd(limit, 200).key, key);
  EXPECT_EQ(index.FindOrAdd(limit + 11, 200).kind, ContainerKind::kUnknown);
  // Only live ones count against it.
  for (CgroupId id = 2; id < 100; ++id) index.Forget({300, id});
  index.Learn(Made(1'000'000, kOwn + "/late"));
  EXPECT_EQ(index.FindOrAdd(1'000'000, 400).key, key);
}

TEST(ContainerIndex, UnknownCgroupsBeyondTheLimitShareOneContainer) {
  ContainerIndex index;
  const size_t limit = ContainerIndex::kMaxUnnamed;
  for (CgroupId id = 1; id <= limit; ++id) index.FindOrAdd(id, 100);
  EXPECT_EQ(index.unnamed(), limit);
  const std::string shared = index.FindOrAdd(limit + 1, 100).key;
  EXPECT_EQ(index.FindOrAdd(limit + 2, 100).key, shared);
  EXPECT_EQ(index.unnamed(), limit);
  EXPECT_EQ(index.All().size(), limit + 2);
  // Evidence that cannot be separated is not moved.
  const auto learned = index.Learn(Made(limit + 1, kOwn));
  EXPECT_THAT(learned.merged, IsEmpty());
  EXPECT_EQ(index.FindOrAdd(limit + 1, 200).id, kId);
}

TEST(ContainerIndex, RemovedCgroupsAreForgottenInTheEnd) {
  ContainerIndex index;
  index.Learn(Made(1, "/init.scope"));
  index.Forget({100, 1});
  EXPECT_EQ(index.FindOrAdd(1, 100).key, "host");
  for (CgroupId id = 2; id < ContainerIndex::kMaxRemovedCgroups + 3; ++id) {
    index.Learn(Made(id, "/user.slice/session-" + std::to_string(id) + ".scope"));
    index.Forget({100, id});
  }
  EXPECT_EQ(index.FindOrAdd(1, 100).kind, ContainerKind::kUnknown);
}

// Events in any order, with reused ids and names, and missing records.
TEST(ContainerIndex, AnyHistoryKeepsItConsistent) {
  const std::string pod = "/kubepods/pod6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8/";
  const std::vector<std::string> paths = {"/",
                                          kOwn,
                                          kOwn + "/in",
                                          kOwn + pod + kOther,
                                          "/shop",
                                          "/shop/" + kId,
                                          "/shop/tools",
                                          "/mybox",
                                          "/mybox/" + kOther,
                                          "/default/web",
                                          "/default/web/in",
                                          "/system.slice/a.service",
                                          "/system.slice/a.service/in",
                                          "",
                                          "/x.slice",
                                          "/capmon.run/one",
                                          "/capmon.run/one/in"};
  std::mt19937 random(1);
  const auto pick = [&](size_t below) { return random() % below; };
  ContainerIndex index;
  for (TimeNs now = 1; now < 5'000; ++now) {
    const CgroupId cgroup = 1 + pick(24);
    switch (pick(8)) {
      case 0:
      case 1:
      case 2: {
        const auto learned = index.Learn(Made(cgroup, paths[pick(paths.size())], now, pick(2)));
        ASSERT_NE(index.Find(learned.key), nullptr);
        for (const auto& merge : learned.merged) {
          ASSERT_EQ(index.Find(merge.from), nullptr);
          ASSERT_NE(index.Find(merge.to), nullptr);
        }
        ASSERT_EQ(index.FindOrAdd(cgroup, now).key, learned.key);
        break;
      }
      case 3: index.Forget({now, cgroup}); break;
      case 4: {
        ContainerDescribed described = Described(pick(2) ? kId : "web", "docker", "name");
        if (pick(2)) described.cgroup_path = paths[pick(paths.size())];
        for (const auto& merge : index.Describe(described).merged) {
          ASSERT_EQ(index.Find(merge.from), nullptr);
          ASSERT_NE(index.Find(merge.to), nullptr);
        }
        break;
      }
      case 5: {
        const auto all = index.All();
        index.Evict(all[pick(all.size())]->key);
        break;
      }
      default: ASSERT_NE(index.Find(index.FindOrAdd(cgroup, now).key), nullptr);
    }
    size_t unknown = 0;
    std::set<std::string> live_paths;
    for (const Container* container : index.All()) {
      if (container->removed != 0) continue;
      if (container->kind == ContainerKind::kUnknown)
        ++unknown;
      else
        ASSERT_TRUE(live_paths.insert(container->cgroup_path).second) << container->cgroup_path;
    }
    ASSERT_EQ(index.unnamed(), unknown);
  }
}

}  // namespace
}  // namespace capmon
