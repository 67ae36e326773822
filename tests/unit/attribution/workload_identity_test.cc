// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/workload_identity.h"

#include <gtest/gtest.h>

#include "daemon/attribution/identity.h"
#include "daemon/model/image_name.h"

namespace capmon {
namespace {

const std::string kId(64, 'a');

Container Docker(const std::string& name) {
  Container c;
  c.key = "1@1";
  c.kind = ContainerKind::kContainer;
  c.id = kId;
  c.cgroup_path = "/system.slice/docker-" + kId + ".scope";
  c.runtime = c.name_source = "docker";
  c.name = name;
  c.image = "nginx:1.25";
  c.entrypoint = "/docker-entrypoint.sh";
  return c;
}

Container InPod(const std::string& pod) {
  Container c = Docker("nginx");
  c.runtime = "containerd";
  c.name_source = "cri";
  c.pod = pod;
  c.pod_namespace = "shop";
  c.pod_uid = "uid";
  return c;
}

// "spelling (source)"
std::string Of(const Container& container) {
  const auto identity = IdentifyWorkload(container);
  return identity ? Print(identity->workload) + " (" + identity->source + ")" : "none";
}

TEST(WorkloadIdentity, OfAPodItIsTheControllerAndTheContainer) {
  Container c = InPod("web-6d9f7c5b8-x2x7k");
  c.workload = "deploy/web";
  EXPECT_EQ(Of(c), "shop/deploy/web/nginx (labels)");
  c.workload_inferred = true;
  EXPECT_EQ(Of(c), "shop/deploy/web/nginx (pod name)");
  c.workload_inferred = false;
  c.workload_label = "front";
  EXPECT_EQ(Of(c), "shop/label/front/nginx (label capmon.workload)");
  EXPECT_EQ(Of(InPod("debug")), "shop/pod/debug/nginx (pod name)");
}

TEST(WorkloadIdentity, APodsLabelNamesNothingInAnotherNamespace) {
  Container c = InPod("x");
  c.pod_namespace = "evil";
  for (const char* claim : {"shop/deploy/web/nginx", "compose:shop/web", "docker:web", "../shop"}) {
    c.workload_label = claim;
    const auto identity = IdentifyWorkload(c);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->workload.group, "evil");
    EXPECT_TRUE(Print(identity->workload).starts_with("evil/label/")) << Print(identity->workload);
  }
}

TEST(WorkloadIdentity, APodWhoseNamesAreNotKnownIsNoneOfDockers) {
  Container c = Docker("nginx");
  c.pod_uid = "uid";
  EXPECT_EQ(Of(c), "none");
}

TEST(WorkloadIdentity, OfAComposeServiceItIsProjectAndService) {
  Container c = Docker("shop-web-1");
  c.workload = "compose:shop/web";
  EXPECT_EQ(Of(c), "compose:shop/web (compose)");
  c.workload_inferred = true;
  EXPECT_EQ(Of(c), "docker:shop-web-1 (name)") << "the labels may be the image's";
}

TEST(WorkloadIdentity, ALabelOverrides) {
  Container c = Docker("shop-web-1");
  c.workload = "compose:shop/web";
  c.workload_label = "compose:other/db";
  EXPECT_EQ(Of(c), "label:compose:other/db (label capmon.workload)") << "but only to a label's";
  c.workload_label.clear();
  c.labels[kWorkloadLabel] = "web";
  EXPECT_EQ(Of(c), "compose:shop/web (compose)") << "it may be the image's";
}

TEST(WorkloadIdentity, AChosenNameIsIt) {
  EXPECT_EQ(Of(Docker("web")), "docker:web (name)");
  EXPECT_EQ(Of(Docker("my_app")), "docker:my_app (name)");
  EXPECT_EQ(Of(Docker("shop_web.1.x2kw9f1q8z7y6t5r4e3w2q1a0")), "swarm:shop_web (name)");
  EXPECT_EQ(Of(Docker("web.1.x2kw")), "docker:web.1.x2kw (name)");
  Container podman = Docker("web");
  podman.runtime = "podman";
  EXPECT_EQ(Of(podman), "podman:web (name)");
  podman.runtime = "image";  // whatever a runtime calls itself
  EXPECT_EQ(Of(podman), "container:web (name)");
}

TEST(WorkloadIdentity, WithoutOneItIsTheImageAndItsProgram) {
  for (const char* name : {"happy_turing", "zen_hopper7", "aaaaaaaaaaaa"}) {
    EXPECT_EQ(Of(Docker(name)), "image:nginx+/docker-entrypoint.sh (image)") << name;
  }
  Container c = Docker("happy_turing");
  c.entrypoint.clear();
  EXPECT_EQ(Of(c), "image:nginx (image)");
  for (const char* nameless : {"", "sha256:1f2e", "0123456789abcdef"}) {
    c.image = nameless;
    EXPECT_EQ(Of(c), "none") << nameless;
  }
}

TEST(WorkloadIdentity, AGeneratedNameIsAnAdjectiveAndLetters) {
  for (const char* name : {"happy_turing", "zen_hopper7", "admiring_x"})
    EXPECT_TRUE(IsGeneratedName(name)) << name;
  for (const char* name : {"", "_", "happy", "happy_", "happy_7", "happy_a7b", "my_app",
                           "happy-app", "happy_Turing", "happy_a_b", "unhappy_turing"})
    EXPECT_FALSE(IsGeneratedName(name)) << name;
}

TEST(WorkloadIdentity, ANameMeansAnotherContainerInEachEngine) {
  Container c = Docker("web");
  c.engine = "/run/docker2.sock";
  EXPECT_EQ(Of(c), "~run-docker2.sock/docker:web (name)");
  c.workload = "compose:shop/web";
  EXPECT_EQ(Of(c), "~run-docker2.sock/compose:shop/web (compose)");
  const auto identity = IdentifyWorkload(c);
  ASSERT_TRUE(identity);
  EXPECT_EQ(ParseWorkload("~run-docker2.sock/compose:shop/web"), identity->workload);
  c.cgroup_path = "/user.slice/user-1000.slice/user@1000.service/docker-" + kId + ".scope";
  EXPECT_EQ(Of(c), "~1000/compose:shop/web (compose)") << "a user's is the user's";
}

// Quadlet runs a container in the cgroup of its unit.
TEST(WorkloadIdentity, AContainerInAServiceIsOfThatService) {
  Container c = Docker("systemd-web");
  c.runtime = "podman";
  c.cgroup_path = "/system.slice/web.service/libpod-payload-" + kId;
  EXPECT_EQ(Of(c), "~web.service/podman:systemd-web (name)");
}

TEST(WorkloadIdentity, AUsersOwnEngineNamesNothingOfTheSystems) {
  Container c = Docker("web");
  c.runtime = "podman";
  c.cgroup_path =
      "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope";
  EXPECT_EQ(Of(c), "~1000/podman:web (name)");
  c.workload_label = "web";
  EXPECT_EQ(Of(c), "~1000/label:web (label capmon.workload)");
  c.workload_label.clear();
  c.name = "happy_turing";
  EXPECT_EQ(Of(c), "~1000/image:nginx+/docker-entrypoint.sh (image)");
  c.name = "web";
  c.cgroup_path = "/system.slice/ci.service/docker-" + kId + ".scope";
  EXPECT_EQ(Of(c), "~ci.service/podman:web (name)");
  c.cgroup_path = "/user.slice/docker-" + kId + ".scope";
  EXPECT_EQ(Of(c), "~user/podman:web (name)");
}

TEST(WorkloadIdentity, OfWhatNoRuntimeListsItIsTheName) {
  Container c;
  c.kind = ContainerKind::kContainer;
  c.id = c.name = "builder";
  c.runtime = "lxc";
  c.name_source = kFromCgroup;
  c.cgroup_path = "/lxc.payload.builder";
  EXPECT_EQ(Of(c), "lxc:builder (name)");
  c.id = kId;
  c.name = kId.substr(0, 12);
  EXPECT_EQ(Of(c), "none") << "nothing of it outlives it";
}

TEST(WorkloadIdentity, UnitsAndCommandsHaveTheirNames) {
  Container c;
  EXPECT_EQ(Of(c), "none");
  c.kind = ContainerKind::kHost;
  EXPECT_EQ(Of(c), "host (host)");
  c.kind = ContainerKind::kUnit;
  c.id = "nginx.service";
  EXPECT_EQ(Of(c), "unit:nginx.service (unit)");
  c.kind = ContainerKind::kSession;
  c.id = "my-tool-4711";
  EXPECT_EQ(Of(c), "run:my-tool (command)");
  c.id = "odd";
  EXPECT_EQ(Of(c), "run:odd (command)");
}

TEST(WorkloadIdentity, WhatOnlyLooksLikeAWorkloadIsNone) {
  const auto can_be = [](const char* text) {
    const auto workload = ParseWorkload(text);
    return workload && CanBeIdentified(*workload);
  };
  for (const char* good :
       {"shop/deploy/web/nginx", "shop/pod/x/", "shop/label/front/nginx", "compose:shop/web",
        "swarm:shop_web", "label:a/b", "docker:web", "nspawn:web", "container:mybox",
        "image:me/x+/bin/a", "unit:nginx.service", "run:make", "host", "~1000/podman:web"})
    EXPECT_TRUE(can_be(good)) << good;
  for (const char* bad :
       {"file:/tmp/web.yaml", "file:web.yaml", "pid:1", "docker://5f0c", "http://x/y", "cgroup:/a",
        "shop/web/a/b", "/deploy/web/nginx", "compose:/web", "unit:a/b", "run:/bin/make", "web",
        "~1000/host", "~1000/file:/x", "session:3"})
    EXPECT_FALSE(can_be(bad)) << bad;
}

TEST(WorkloadIdentity, ImagesWithoutVersions) {
  EXPECT_EQ(ParseImageName("nginx").name, "nginx");
  EXPECT_EQ(ParseImageName("docker.io/library/nginx:1.25@sha256:abc").name, "nginx");
  EXPECT_EQ(ParseImageName("host:5000/a/b:1").name, "host:5000/a/b");
  EXPECT_EQ(ParseImageName("docker.io/me/x").name, "me/x");
  EXPECT_EQ(ImageDigest("sha256:" + kId), "sha256:" + kId);
  EXPECT_EQ(ImageDigest(kId), "sha256:" + kId);
  EXPECT_EQ(ImageDigest("nginx@sha256:" + kId), "sha256:" + kId);
  for (const char* none : {"", "nginx:1", "sha256:abc", "nginx@sha512:abc"})
    EXPECT_EQ(ImageDigest(none), "") << none;
}

}  // namespace
}  // namespace capmon
