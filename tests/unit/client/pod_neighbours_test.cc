// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/pod_neighbours.h"

#include <gmock/gmock.h>

namespace capmon {
namespace {

using ::testing::ElementsAre;

v1::Container& Add(v1::ListContainersResponse& all, const std::string& pod, const std::string& name,
                   int from, int to = 0) {
  v1::Container& container = *all.add_containers()->mutable_container();
  container.set_namespace_("shop");
  container.set_pod(pod);
  container.set_pod_uid(pod);
  container.set_name(name);
  container.set_workload("deploy/web");
  container.set_cgroup_path("/" + pod + "/" + name);
  container.mutable_first_seen()->set_seconds(from);
  if (to != 0) container.mutable_ended()->set_seconds(to);
  return container;
}

std::string PlaceOf(const std::string& name, const v1::ListContainersResponse& all) {
  for (const v1::ContainerSummary& summary : all.containers())
    if (summary.container().name() == name) return PlaceInPod(summary.container(), all);
  return "";
}

TEST(PlaceInPod, InitContainersRunOneByOneBeforeTheOthers) {
  v1::ListContainersResponse all;
  Add(all, "a", "POD", 1);
  Add(all, "a", "first", 2, 3);
  Add(all, "a", "second", 4, 6);
  Add(all, "a", "web", 7);
  Add(all, "a", "log", 8);
  Add(all, "another", "third", 1);
  EXPECT_EQ(PlaceOf("first", all), "initContainers");
  EXPECT_EQ(PlaceOf("second", all), "initContainers");
  for (const char* name : {"web", "log", "third"}) EXPECT_EQ(PlaceOf(name, all), "containers");
}

TEST(PlaceInPod, OneThatRanBesideOthersIsNoInitContainer) {
  v1::ListContainersResponse all;
  Add(all, "a", "web", 1);
  Add(all, "a", "short", 2, 3);
  Add(all, "a", "late", 4);
  EXPECT_EQ(PlaceOf("short", all), "containers");
}

TEST(PlaceInPod, NorIsTheLastOfAJob) {
  v1::ListContainersResponse all;
  Add(all, "a", "prepare", 1, 2);
  Add(all, "a", "work", 3, 4);
  EXPECT_EQ(PlaceOf("prepare", all), "initContainers");
  EXPECT_EQ(PlaceOf("work", all), "containers");
}

TEST(PlaceInPod, TheLastIsEphemeralIfKubectlNamedIt) {
  v1::ListContainersResponse all;
  Add(all, "a", "web", 1);
  Add(all, "a", "debugger-x7k2p", 5);
  EXPECT_EQ(PlaceOf("debugger-x7k2p", all), "ephemeralContainers");
}

// Pod Security admission checks init containers as well, and those have ended.
TEST(NeighboursOf, EndedOnesCountUnlessTheyWereReplaced) {
  v1::ListContainersResponse all;
  const v1::Container web = Add(all, "a", "web", 5);
  Add(all, "a", "POD", 1);
  Add(all, "a", "init-network", 2, 3);
  Add(all, "b", "web", 5);
  Add(all, "old", "web", 1, 4);  // of the same Deployment, before its update
  Add(all, "elsewhere", "web", 1).set_namespace_("other");
  EXPECT_THAT(NeighboursOf(web, all), ElementsAre("cgroup:/a/init-network", "cgroup:/b/web"));
}

}  // namespace
}  // namespace capmon
