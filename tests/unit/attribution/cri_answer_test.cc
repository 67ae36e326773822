// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/cri_answer.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(CriAnswer, AContainerHasWhatItsPodHas) {
  const ContainerDescribed described =
      DescribePod({"web-6d9f7c5b8-x2x7k", "shop", "uid", {{"pod-template-hash", "6d9f7c5b8"}}, {}});
  EXPECT_EQ(described.source, "cri");
  EXPECT_EQ(described.pod, "web-6d9f7c5b8-x2x7k");
  EXPECT_EQ(described.pod_namespace, "shop");
  EXPECT_EQ(described.pod_uid, "uid");
  EXPECT_EQ(described.workload, "deploy/web");
  EXPECT_FALSE(described.workload_inferred);
  EXPECT_EQ(described.labels.at("pod-template-hash"), "6d9f7c5b8");
  EXPECT_EQ(
      DescribePod({"p-node", "a", "b", {}, {{"kubernetes.io/config.source", "file"}}}).workload,
      "static/p-node");
  EXPECT_EQ(DescribePod({"p", "a", "b", {{"capmon.workload", "front"}}, {}}).workload_label,
            "front");
  EXPECT_EQ(DescribePod({"p", "a", "b", {}, {{"capmon.workload", "front"}}}).workload_label,
            "front");
  Pod big{std::string(10'000, 'x'), "", "", {}, {}};
  for (int i = 0; i < 1000; ++i) big.labels[std::to_string(i)] = std::string(10'000, 'y');
  EXPECT_EQ(DescribePod(big).labels.size(), kMaxDescribedLabels);
  EXPECT_EQ(DescribePod(big).pod.size(), kMaxDescribedBytes);
}

TEST(CriAnswer, AnImagesDigestIsNoName) {
  EXPECT_EQ(CriImage("nginx:1.25", "sha256:abc"), "nginx:1.25");
  EXPECT_EQ(CriImage("", "docker.io/library/nginx:1.25"), "docker.io/library/nginx:1.25");
  EXPECT_EQ(CriImage("", "sha256:abc"), "");
  EXPECT_EQ(CriImage("", std::string(64, 'a')), "");
  EXPECT_EQ(CriImage("", ""), "");
}

TEST(CriAnswer, TheVerboseStatusHasWhatWasGiven) {
  ContainerDescribed described;
  described.source = "cri";
  described.container_id = std::string(64, 'a');
  AddCriInfo(R"({"config": {"linux": {"security_context": {"privileged": true}}},
                 "runtimeSpec": {"process": {"capabilities": {"bounding": ["CAP_CHOWN"]}},
                                 "linux": {"cgroupsPath": "/k8s.io/x"}}})",
             described);
  EXPECT_TRUE(described.privileged);
  ASSERT_TRUE(described.held);
  EXPECT_EQ(described.held->bounding, CapabilitySet(1));
  EXPECT_EQ(described.held->source, "cri");
  EXPECT_EQ(described.cgroup_path, "/k8s.io/x");
  for (const char* text : {"", "[]", "{\"runtimeSpec\":7}", "{\"runtimeSpec\":{\"process\":[]}}",
                           "{\"config\":\"x\"}", "\xff"}) {
    ContainerDescribed none;
    AddCriInfo(text, none);
    EXPECT_FALSE(none.held) << text;
    EXPECT_FALSE(none.privileged);
  }
}

}  // namespace
}  // namespace capmon
