// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/docker_answer.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/attribution/command_line.h"
#include "daemon/attribution/tolerant_json.h"

namespace capmon {
namespace {

constexpr TimeNs kNow = 77;

TEST(DockerAnswer, ReadsAList) {
  const auto list = ParseContainerList(
      R"([{"Id":"abc","Names":["/other/alias","/web"],"Image":"nginx:1.25","State":"running",
           "Labels":{"app":"web","com.docker.compose.project":"shop",
                     "com.docker.compose.service":"front"}},
          {"Id":"def","Names":["/old"],"State":"exited"}])",
      kNow);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  const ContainerDescribed& web = (*list)[0].described;
  EXPECT_TRUE((*list)[0].running);
  EXPECT_EQ(web.time, kNow);
  EXPECT_EQ(web.container_id, "abc");
  EXPECT_EQ(web.source, "docker");
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.image, "nginx:1.25");
  EXPECT_EQ(web.labels.at("app"), "web");
  EXPECT_EQ(web.workload, "compose:shop/front");
  EXPECT_TRUE(web.workload_inferred) << "the labels may be the image's";
  EXPECT_FALSE((*list)[1].running);
  EXPECT_EQ((*list)[1].described.name, "old");
}

TEST(DockerAnswer, ReadsOneContainer) {
  const auto web = ParseContainer(
      R"({"Id":"abc","Name":"/k8s_nginx_web-1_shop_1-2_0","Image":"sha256:1f2",
          "HostConfig":{"Privileged":true},
          "Config":{"Image":"nginx:1.25","Labels":{"io.kubernetes.container.name":"nginx",
            "io.kubernetes.pod.name":"web-1","io.kubernetes.pod.namespace":"shop",
            "io.kubernetes.pod.uid":"1-2"}}})",
      kNow);
  ASSERT_TRUE(web);
  EXPECT_EQ(web->name, "nginx");
  EXPECT_EQ(web->image, "nginx:1.25");
  EXPECT_EQ(web->pod, "web-1");
  EXPECT_EQ(web->pod_namespace, "shop");
  EXPECT_TRUE(web->privileged);
  EXPECT_EQ(web->workload, "");
}

TEST(DockerAnswer, ReadsWhenItEndedBefore) {
  const auto ended = [](const std::string& state) {
    return ParseContainer(R"({"Id":"abc","State":)" + state + "}", kNow)->ended_before;
  };
  EXPECT_EQ(ended(R"({"FinishedAt":"1970-01-01T00:00:07.5Z"})"), 7 * kSecond + kSecond / 2);
  EXPECT_EQ(ended(R"({"FinishedAt":"1970-01-01T01:00:07+01:00"})"), 7 * kSecond);
  EXPECT_EQ(ended(R"({"FinishedAt":"0001-01-01T00:00:00Z"})"), 0) << "it never did";
  for (const char* state : {"{}", "7", R"({"FinishedAt":7})", R"({"FinishedAt":"yesterday"})"})
    EXPECT_EQ(ended(state), 0) << state;
}

TEST(DockerAnswer, ReadsTheVersionOfTheImage) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const auto list = ParseContainerList(R"([{"Id":"abc","ImageID":")" + digest + "\"}]", kNow);
  EXPECT_EQ(list->front().described.image_digest, digest);
  const auto one =
      ParseContainer(R"({"Id":"abc","Path":"/entry.sh","Image":")" + digest + "\"}", kNow);
  EXPECT_EQ(one->image_digest, digest);
  EXPECT_EQ(one->entrypoint, "/entry.sh");
  EXPECT_EQ(ParseContainer(R"({"Id":"abc","Image":"sha256:1f2"})", kNow)->image_digest, "");
}

TEST(DockerAnswer, ACommandLineIsComparedByItsDigest) {
  const auto command = [](const std::string& start) {
    return ParseContainer(R"({"Id":"abc",)" + start + "}", kNow)->command;
  };
  const std::string one = command(R"("Path":"/entry.sh","Args":["a b","c"])");
  EXPECT_EQ(one, "64e04cb776f8a0f9");
  EXPECT_EQ(one, CommandDigest({"/entry.sh", "a b", "c"}));
  EXPECT_NE(one, command(R"("Path":"/entry.sh","Args":["a","b c"])"));
  EXPECT_NE(one, command(R"("Path":"/entry.sh","Args":["a b"])"));
  EXPECT_NE(one, command(R"("Path":"/entry.sh","Args":["a b","c",""])"));
  EXPECT_EQ(command(R"("Path":"/entry.sh","Args":null)"), CommandDigest({"/entry.sh"}));
  EXPECT_EQ(command(R"("Path":7,"Args":["a"])"), "");
}

ContainerDescribed Labelled(const std::string& name, const std::string& labels) {
  return *ParseContainer(
      "{\"Id\":\"abc\",\"Name\":\"/" + name + "\",\"Config\":{\"Labels\":{" + labels + "}}}", kNow);
}

TEST(DockerAnswer, AnImagesLabelsMakeNoPod) {
  const std::string labels =
      R"("io.kubernetes.pod.name":"coredns-6d9f7c5b8-x2x7k","io.kubernetes.container.name":"coredns",
         "io.kubernetes.pod.namespace":"kube-system","io.kubernetes.pod.uid":"1-2",
         "pod-template-hash":"6d9f7c5b8")";
  const std::string sandbox = labels + R"(,"io.kubernetes.docker.type":"podsandbox")";
  for (const std::string& claimed : {labels, sandbox}) {
    const ContainerDescribed victim = Labelled("victim", claimed);
    EXPECT_EQ(victim.name, "victim");
    EXPECT_EQ(victim.pod + victim.pod_namespace + victim.pod_uid + victim.workload, "");
  }
  const std::string pod = "_coredns-6d9f7c5b8-x2x7k_kube-system_1-2_0";
  EXPECT_EQ(Labelled("k8s_coredns" + pod, labels).workload, "deploy/coredns");
  EXPECT_EQ(Labelled("k8s_other" + pod, labels).pod, "");
  EXPECT_EQ(Labelled("k8s_coredns" + pod, labels).pod_uid, "1-2");
  EXPECT_EQ(Labelled("k8s_POD" + pod, sandbox).name, "POD");
  EXPECT_EQ(Labelled("k8s_coredns" + pod, sandbox).pod, "");
}

TEST(DockerAnswer, AComposeServiceIsCertainByTheContainersName) {
  const std::string labels =
      R"("com.docker.compose.project":"my-shop","com.docker.compose.service":"front")";
  for (const char* name :
       {"my-shop-front-1", "my-shop_front_12", "my-shop-front-run-0f3a9c21e7b4"}) {
    EXPECT_EQ(Labelled(name, labels).workload, "compose:my-shop/front");
    EXPECT_FALSE(Labelled(name, labels).workload_inferred) << name;
    EXPECT_EQ(Labelled(name, labels).name, name);
  }
  for (const char* name : {"front", "my-shop-front", "my-shop-front-", "my-shop-front-x",
                           "my-shop-frontend-1", "my-shop_front-1"}) {
    EXPECT_EQ(Labelled(name, labels).workload, "compose:my-shop/front");
    EXPECT_TRUE(Labelled(name, labels).workload_inferred) << name;
  }
}

TEST(DockerAnswer, NameLosesItsSlash) {
  EXPECT_EQ(ParseContainer(R"({"Id":"abc","Name":"/web"})", kNow)->name, "web");
  EXPECT_EQ(ParseContainer(R"({"Id":"abc","Name":"web"})", kNow)->name, "web");
}

TEST(DockerAnswer, AnythingMayBeMissingOrOfAnotherType) {
  const auto bare = ParseContainer(
      R"({"Id":"abc","Name":7,"Config":[1],"HostConfig":{"Privileged":"yes"}})", kNow);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->name, "");
  EXPECT_FALSE(bare->privileged);
  EXPECT_TRUE(bare->labels.empty());

  const auto list = ParseContainerList(
      R"([7,null,"x",[],{},{"Id":9},{"Id":"abc","Names":"web","Labels":{"a":1,"b":"c"},
          "State":[]},{"Id":"def","Names":[1,"/a/b"],"Labels":null}])",
      kNow);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].described.labels.size(), 1u);
  EXPECT_EQ((*list)[0].described.name, "");
  EXPECT_FALSE((*list)[0].running);
}

TEST(DockerAnswer, WhatIsNoAnswerIsNone) {
  const std::string deep(1 << 17, '[');
  for (const std::string text : {"", "{", "null", "7", "\"x\"", "{\"message\":\"no\"}", "[1,",
                                 "\xff\xfe", "[{\"Id\":\"\xff\"}]", "<html>"}) {
    EXPECT_FALSE(ParseContainerList(text, kNow)) << text;
    EXPECT_FALSE(ParseContainer(text, kNow)) << text;
  }
  EXPECT_FALSE(ParseContainerList(deep, kNow));
  EXPECT_FALSE(ParseContainer("[]", kNow));
  EXPECT_TRUE(ParseContainerList("[]", kNow)->empty());
  const std::string closed = "[" + deep + std::string(1 << 17, ']') + "]";
  EXPECT_FALSE(ParseContainerList(closed, kNow));
}

TEST(DockerAnswer, TextsAndLabelsAreBounded) {
  std::string labels;
  for (int i = 0; i < 200; ++i) labels += "\"label" + std::to_string(1000 + i) + "\":\"v\",";
  std::string euros;  // three bytes each, so a bound of 256 falls inside one
  for (int i = 0; i < 100; ++i) euros += "€";
  const auto container =
      ParseContainer("{\"Id\":\"abc\",\"Name\":\"" + euros + "\",\"Config\":{\"Labels\":{" +
                         labels + "\"big\":\"" + std::string(10000, 'x') + "\"}}}",
                     kNow);
  ASSERT_TRUE(container);
  EXPECT_EQ(container->labels.size(), kMaxDescribedLabels);
  EXPECT_EQ(container->labels.at("big").size(), kMaxDescribedBytes);
  EXPECT_EQ(container->name, euros.substr(0, 255));
}

// Docker mixes the image's labels with those the container was given.
TEST(DockerAnswer, ALabelIsBelievedThatTheImageDoesNotHave) {
  const std::string labels = R"("capmon.workload":"shop","com.docker.compose.project":"shop",
                                "com.docker.compose.service":"web")";
  const auto believed = [&](const std::string& image) {
    ContainerDescribed described = Labelled("web", labels);
    EXPECT_FALSE(WantsImageLabels(described)) << "which image it is must be known";
    described.image_digest = "sha256:" + std::string(64, 'a');
    EXPECT_TRUE(WantsImageLabels(described));
    BelieveLabels(image, described);
    return described;
  };
  for (const char* image :
       {R"({"Id":"x","Config":{"Labels":{}}})", R"({"Id":"x","Config":{"Labels":null}})",
        R"({"Id":"x","Config":{"Labels":{"capmon.workload":"other",
            "com.docker.compose.project":"other","com.docker.compose.service":"other"}}})"}) {
    EXPECT_EQ(believed(image).workload_label, "shop") << image;
    EXPECT_FALSE(believed(image).workload_inferred) << image;
  }
  for (const std::string& image :
       {R"({"Id":"x","Config":{"Labels":{)" + labels + "}}}", std::string(""), std::string("[]"),
        std::string(R"({"message":"no such image"})")}) {
    EXPECT_EQ(believed(image).workload_label, "") << image;
    EXPECT_TRUE(believed(image).workload_inferred) << image;
  }
  const ContainerDescribed half =
      believed(R"({"Id":"x","Config":{"Labels":{"com.docker.compose.project":"shop"}}})");
  EXPECT_TRUE(half.workload_inferred);
}

}  // namespace
}  // namespace capmon
