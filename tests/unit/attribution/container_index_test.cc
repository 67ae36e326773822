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

TEST(ContainerIndex, KnowsTheHostFromTheStart) {
  ContainerIndex index;
  ASSERT_EQ(index.All().size(), 1u);
  EXPECT_EQ(index.Learn(Made(1, "/")).key, "host");
  EXPECT_EQ(index.Learn(Made(2, "/system.slice")).key, "host");
  EXPECT_EQ(index.Learn(Made(3, "/user.slice/user-0.slice/session-1.scope")).key, "host");
  EXPECT_EQ(index.All().size(), 1u);
  const Container& host = index.Of(3, 200);
  EXPECT_EQ(host.kind, ContainerKind::kHost);
  EXPECT_EQ(host.id, "host");
  EXPECT_EQ(host.name, "host");
  EXPECT_EQ(host.cgroup, 1u);
}

TEST(ContainerIndex, OneContainerWithItsInnerCgroups) {
  ContainerIndex index;
  const auto [key, merged] = index.Learn(Made(10, kOwn));
  EXPECT_THAT(merged, IsEmpty());
  EXPECT_EQ(index.Learn(Made(11, kOwn + "/init")).key, key);
  EXPECT_EQ(index.Learn(Made(12, kOwn + "/a/" + kOther)).key, key);
  const Container& container = index.Of(12, 200);
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
  EXPECT_FALSE(index.Of(10, 100).from_start);
}

TEST(ContainerIndex, InnerCgroupsFindAContainerThatWasNeverAnnounced) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(11, kOwn + "/init")).key;
  EXPECT_EQ(index.Learn(Made(12, kOwn + "/other")).key, key);
  EXPECT_EQ(index.Find(key)->cgroup, 0u);
  EXPECT_FALSE(index.Find(key)->from_start);
  // Announced after all: the same container.
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
  EXPECT_EQ(index.Of(10, 400).key, key);
  EXPECT_EQ(index.Of(11, 400).key, key);
  index.Forget({500, 10});  // told twice
  index.Forget({500, 999});
  EXPECT_EQ(index.Find(key)->removed, 300);
}

TEST(ContainerIndex, AReusedCgroupIdIsAnotherContainer) {
  ContainerIndex index;
  const std::string first = index.Learn(Made(10, kOwn, 100)).key;
  index.Forget({200, 10});
  const std::string second = index.Learn(Made(10, kOwn, 300)).key;
  EXPECT_NE(first, second);
  EXPECT_EQ(index.Of(10, 400).key, second);
  EXPECT_EQ(index.Find(first)->removed, 200);
  EXPECT_EQ(index.Find(second)->removed, 0);
}

TEST(ContainerIndex, AReusedCgroupIdIsSeenThoughTheRemovalWasMissed) {
  ContainerIndex index;
  const std::string first = index.Learn(Made(10, kOwn, 100)).key;
  const std::string second = index.Learn(Made(10, "/docker/" + kOther, 300)).key;
  EXPECT_NE(first, second);
  EXPECT_EQ(index.Find(first)->removed, 300);
  EXPECT_EQ(index.Of(10, 400).id, kOther);
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
  // The news of the first one's removal, late, does not end the second.
  index.Forget({400, 10});
  EXPECT_EQ(index.Find(second)->removed, 0);
}

TEST(ContainerIndex, ReuseWithinOneInstantStillMakesAnotherKey) {
  ContainerIndex index;
  const std::string first = index.Learn(Made(10, kOwn, 100)).key;
  index.Forget({100, 10});
  EXPECT_NE(index.Learn(Made(10, kOwn, 100)).key, first);
}

TEST(ContainerIndex, TellingTwiceChangesNothing) {
  ContainerIndex index;
  const std::string key = index.Learn(Made(10, kOwn, 100)).key;
  EXPECT_EQ(index.Learn(Made(10, kOwn, 150, /*existing=*/true)).key, key);
  EXPECT_TRUE(index.Find(key)->from_start);
  EXPECT_EQ(index.Find(key)->first_seen, 100);
}

TEST(ContainerIndex, AnUnknownCgroupTurnsIntoItsContainer) {
  ContainerIndex index;
  const Container& unknown = index.Of(10, 50);
  const std::string key = unknown.key;
  EXPECT_EQ(unknown.kind, ContainerKind::kUnknown);
  EXPECT_EQ(unknown.name, "cgroup-10");
  EXPECT_EQ(index.unnamed(), 1u);
  const auto learned = index.Learn(Made(10, kOwn, 100));
  EXPECT_EQ(learned.key, key);
  EXPECT_THAT(learned.merged, IsEmpty());
  EXPECT_EQ(&index.Of(10, 200), &unknown);
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
  const std::string stand_in = index.Of(11, 150).key;
  const auto learned = index.Learn(Made(11, kOwn + "/init", 200));
  EXPECT_EQ(learned.key, key);
  EXPECT_THAT(learned.merged, ElementsAre(ContainerIndex::Merge{stand_in, key}));
  EXPECT_EQ(index.Find(stand_in), nullptr);
  EXPECT_EQ(index.Of(11, 300).key, key);
  EXPECT_EQ(index.unnamed(), 0u);
}

TEST(ContainerIndex, UnknownCgroupsOfTheHostAndOfUnitsAreMergedToo) {
  ContainerIndex index;
  const std::string a = index.Of(5, 10).key;
  const std::string b = index.Of(6, 10).key;
  EXPECT_THAT(index.Learn(Made(5, "/init.scope")).merged,
              ElementsAre(ContainerIndex::Merge{a, "host"}));
  EXPECT_THAT(index.Learn(Made(6, "/system.slice/cron.service")).merged,
              ElementsAre(ContainerIndex::Merge{b, "unit:cron.service"}));
  EXPECT_EQ(index.Of(5, 20).key, "host");
  EXPECT_EQ(index.Of(6, 20).key, "unit:cron.service");
}

TEST(ContainerIndex, AnUnusablePathLeavesTheCgroupUnknown) {
  ContainerIndex index;
  const std::string key = index.Of(10, 50).key;
  EXPECT_EQ(index.Learn(Made(10, "")).key, key);
  EXPECT_EQ(index.Learn(Made(10, "/docker/../x")).key, key);
  EXPECT_EQ(index.unnamed(), 1u);
  EXPECT_EQ(index.Learn(Made(10, kOwn)).key, key);
  EXPECT_EQ(index.Find(key)->id, kId);
}

TEST(ContainerIndex, AnUnknownCgroupThatWentIsNotTheOneThatComes) {
  ContainerIndex index;
  const std::string unknown = index.Of(10, 50).key;
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

TEST(ContainerIndex, PodsInANodeThatIsAContainerStandOnTheirOwn) {
  ContainerIndex index;
  const std::string node = index.Learn(Made(10, kOwn)).key;
  index.Of(10, 101);
  const std::string pod = index
                              .Learn(Made(11, kOwn +
                                                  "/kubepods/pod6f1c2a3b-4d5e-6f70-8192-"
                                                  "a3b4c5d6e7f8/" +
                                                  kOther))
                              .key;
  EXPECT_NE(node, pod);
  EXPECT_EQ(index.Find(pod)->id, kOther);
  EXPECT_EQ(index.Find(pod)->pod_uid, "6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8");
}

TEST(ContainerIndex, AContainerOfNoKnownRuntimeCannotMakeUpOthers) {
  ContainerIndex index;
  const std::string box = index.Learn(Made(10, "/mybox")).key;
  index.Of(10, 110);  // programs run in it
  EXPECT_EQ(index.Learn(Made(11, "/mybox/" + kOther)).key, box);
  EXPECT_EQ(index.Learn(Made(12, "/mybox/docker-" + kOther + ".scope/x")).key, box);
  EXPECT_EQ(index.All().size(), 2u);
}

TEST(ContainerIndex, AContainerOfNoKnownRuntimeMayBeANode) {
  ContainerIndex index;
  const std::string node = index.Learn(Made(10, "/mynode")).key;
  index.Of(10, 110);
  const std::string pod = "/kubepods/pod6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8/";
  const std::string inside = index.Learn(Made(11, "/mynode" + pod + kOther)).key;
  EXPECT_NE(inside, node);
  EXPECT_EQ(index.Find(inside)->id, kOther);
}

TEST(ContainerIndex, ChecksInAnInnerCgroupSayNothingAboutTheOuter) {
  ContainerIndex index;
  index.Of(11, 50);
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
  EXPECT_EQ(index.Of(10, 200).key, "host");
  EXPECT_EQ(index.Learn(Made(12, "/shop/tools")).key, "host");
  EXPECT_NE(index.Learn(Made(13, "/shop/" + kOther)).key, learned.key);
  EXPECT_EQ(index.Learn(Made(14, "/shop/" + kOther + "/in")).key, index.Of(13, 210).key);
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

TEST(ContainerIndex, DescriptionsAreBounded) {
  ContainerIndex index;
  const std::string named = index.Learn(Made(9, "/default/box0")).key;
  for (size_t i = 0; i < ContainerIndex::kMaxDescriptions + 3; ++i) {
    const std::string number = std::to_string(i);
    index.Describe(Described("box" + number, "oci", "name" + number));
  }
  EXPECT_EQ(index.dropped_descriptions(), 3u);
  index.Describe(
      Described("box0", "cri", "late"));  // what was dropped stays known where it was used
  EXPECT_EQ(index.dropped_descriptions(), 4u);
  EXPECT_EQ(index.Find(named)->name, "name0");
  EXPECT_EQ(index.Find(index.Learn(Made(10, "/default/box3")).key)->name, "box3");
  EXPECT_EQ(index.Find(index.Learn(Made(11, "/default/box4")).key)->name, "name4");
}

TEST(ContainerIndex, EvictsOnlyWhatEndedOrIsUnknown) {
  ContainerIndex index;
  const std::string live = index.Learn(Made(10, kOwn)).key;
  const std::string ended = index.Learn(Made(20, "/default/web")).key;
  index.Learn(Made(21, "/default/web/inner"));
  const std::string unknown = index.Of(30, 100).key;
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
  EXPECT_EQ(index.Of(21, 300).kind, ContainerKind::kUnknown);
  EXPECT_EQ(index.Of(20, 300).kind, ContainerKind::kUnknown);
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
  EXPECT_EQ(index.Of(limit, 200).key, key);
  EXPECT_EQ(index.Of(limit + 11, 200).kind, ContainerKind::kUnknown);
  // Only live ones count against it.
  for (CgroupId id = 2; id < 100; ++id) index.Forget({300, id});
  index.Learn(Made(1'000'000, kOwn + "/late"));
  EXPECT_EQ(index.Of(1'000'000, 400).key, key);
}

TEST(ContainerIndex, UnknownCgroupsBeyondTheLimitShareOneContainer) {
  ContainerIndex index;
  const size_t limit = ContainerIndex::kMaxUnnamed;
  for (CgroupId id = 1; id <= limit; ++id) index.Of(id, 100);
  EXPECT_EQ(index.unnamed(), limit);
  const std::string shared = index.Of(limit + 1, 100).key;
  EXPECT_EQ(index.Of(limit + 2, 100).key, shared);
  EXPECT_EQ(index.unnamed(), limit);
  EXPECT_EQ(index.All().size(), limit + 2);
  // What cannot be told apart any more is not moved.
  const auto learned = index.Learn(Made(limit + 1, kOwn));
  EXPECT_THAT(learned.merged, IsEmpty());
  EXPECT_EQ(index.Of(limit + 1, 200).id, kId);
}

TEST(ContainerIndex, RemovedCgroupsAreForgottenInTheEnd) {
  ContainerIndex index;
  index.Learn(Made(1, "/init.scope"));
  index.Forget({100, 1});
  EXPECT_EQ(index.Of(1, 100).key, "host");
  for (CgroupId id = 2; id < ContainerIndex::kMaxRemovedCgroups + 3; ++id) {
    index.Learn(Made(id, "/user.slice/session-" + std::to_string(id) + ".scope"));
    index.Forget({100, id});
  }
  EXPECT_EQ(index.Of(1, 100).kind, ContainerKind::kUnknown);
}

// Events in any order, with ids and names used again and news missing.
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
        ASSERT_EQ(index.Of(cgroup, now).key, learned.key);
        break;
      }
      case 3: index.Forget({now, cgroup}); break;
      case 4: index.Describe(Described(pick(2) ? kId : "web", "docker", "name")); break;
      case 5: {
        const auto all = index.All();
        index.Evict(all[pick(all.size())]->key);
        break;
      }
      default: ASSERT_NE(index.Find(index.Of(cgroup, now).key), nullptr);
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
