// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/oci_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "daemon/attribution/command_line.h"

namespace capmon {
namespace {

const std::string kId(64, 'a');

TEST(OciFiles, ABundleOfKubernetes) {
  const auto described = ParseOciConfig(R"({
    "annotations": {"io.kubernetes.cri.container-type": "container",
                    "io.kubernetes.cri.container-name": "nginx",
                    "io.kubernetes.cri.image-name": "docker.io/library/nginx:1.25",
                    "io.kubernetes.cri.sandbox-name": "web-6d9f7c5b8-x2x7k",
                    "io.kubernetes.cri.sandbox-namespace": "shop",
                    "io.kubernetes.cri.sandbox-uid": "6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8"},
    "process": {"args": ["/usr/sbin/nginx", "-g"], "noNewPrivileges": true,
                "user": {"uid": 101, "gid": 0},
                "capabilities": {"bounding": ["CAP_CHOWN", "CAP_NET_RAW", "CAP_NOT_A_REAL_ONE"],
                                 "effective": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"],
                                 "ambient": ["CAP_NET_RAW"]}},
    "linux": {"cgroupsPath": "/kubepods/besteffort/podx/)" +
                                            kId + R"(",
              "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"},
              "namespaces": [{"type": "pid"}, {"type": "user"}]}})",
                                        kId);
  ASSERT_TRUE(described);
  EXPECT_EQ(described->container_id, kId);
  EXPECT_EQ(described->source, "oci");
  EXPECT_EQ(described->name, "nginx");
  EXPECT_EQ(described->image, "docker.io/library/nginx:1.25");
  EXPECT_EQ(described->pod, "web-6d9f7c5b8-x2x7k");
  EXPECT_EQ(described->pod_namespace, "shop");
  EXPECT_EQ(described->pod_uid, "6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8");
  EXPECT_EQ(described->workload, "deploy/web");
  EXPECT_TRUE(described->workload_inferred);
  EXPECT_EQ(described->cgroup_path, "/kubepods/besteffort/podx/" + kId);
  ASSERT_TRUE(described->held);
  EXPECT_EQ(described->held->bounding, CapabilitySet(1 << 0 | 1 << 13));
  EXPECT_EQ(described->held->effective, CapabilitySet(1));
  EXPECT_EQ(described->held->ambient, CapabilitySet(1 << 13));
  EXPECT_EQ(described->held->uid, 101u);
  EXPECT_TRUE(described->held->no_new_privs);
  EXPECT_EQ(described->held->seccomp_mode, 2);
  EXPECT_EQ(described->held->userns_level, 1);
  EXPECT_EQ(described->held->path, "/usr/sbin/nginx");
  EXPECT_EQ(described->command, CommandDigest({"/usr/sbin/nginx", "-g"}));
  EXPECT_EQ(described->held->source, "oci");
}

TEST(OciFiles, OtherRuntimesAnnotations) {
  const auto crio = ParseOciConfig(R"({"annotations": {
      "io.kubernetes.cri-o.ContainerType": "sandbox", "io.kubernetes.pod.name": "db-0",
      "io.kubernetes.pod.namespace": "shop", "io.kubernetes.container.name": "x"}})",
                                   kId);
  ASSERT_TRUE(crio);
  EXPECT_EQ(crio->name, "POD");
  EXPECT_EQ(crio->pod, "db-0");
  EXPECT_EQ(crio->runtime, "cri-o");
  EXPECT_FALSE(crio->held);
  const auto podman = ParseOciConfig(R"({"annotations": {"io.container.manager": "libpod",
                         "io.podman.annotations.privileged": "TRUE"}})",
                                     kId);
  EXPECT_EQ(podman->runtime, "podman");
  EXPECT_TRUE(podman->privileged);
  // An image's annotations, which Podman takes over.
  const auto claimed = ParseOciConfig(R"({"annotations": {"io.container.manager": "libpod",
      "io.kubernetes.pod.name": "coredns-6d9f7c5b8-x2x7k", "io.kubernetes.container.name": "coredns",
      "io.kubernetes.cri-o.ContainerType": "sandbox"}})",
                                      kId);
  EXPECT_EQ(claimed->name + claimed->pod + claimed->workload, "");
  EXPECT_EQ(claimed->runtime, "podman");
}

TEST(OciFiles, RuncsState) {
  const std::string state = R"({"id": "box7", "init_process_pid": 7,
    "config": {"capabilities": {"Bounding": ["CAP_CHOWN"], "Permitted": null},
               "cgroups": {"path": "/elsewhere"}, "no_new_privileges": true,
               "namespaces": [{"type": "NEWUSER", "path": ""}],
               "labels": ["io.kubernetes.pod.name=web-1", "bundle=/tmp/b", "odd"]},
    "cgroup_paths": )";
  const auto path = [&](const std::string& paths) {
    const auto described = ParseRuncState(state + paths + "}", "box7");
    return described ? described->cgroup_path : "none";
  };
  EXPECT_EQ(path(R"({"": "/sys/fs/cgroup/unified/x", "memory": "/sys/fs/cgroup/memory/x",
                     "pids": "/sys/fs/cgroup/pids/group/ct"})"),
            "/group/ct");
  EXPECT_EQ(path(R"({"": "/sys/fs/cgroup/unified/group/ct"})"), "/group/ct");
  EXPECT_EQ(path(R"({"": "/sys/fs/cgroup/system.slice/runc-box7.scope"})"),
            "/system.slice/runc-box7.scope");
  EXPECT_EQ(path(R"({"memory": "/sys/fs/cgroup/memory/group/ct"})"), "/group/ct");
  EXPECT_EQ(path(R"({"memory": "/other/mount/group/ct"})"), "/elsewhere");
  EXPECT_EQ(path("[]"), "/elsewhere");
  const auto described = ParseRuncState(state + "{}}", "box7");
  EXPECT_EQ(described->pod, "web-1");
  EXPECT_EQ(described->held->bounding, CapabilitySet(1));
  EXPECT_TRUE(described->held->no_new_privs);
  EXPECT_EQ(described->held->userns_level, 1);
  EXPECT_FALSE(ParseRuncState(state + "{}}", "box8"));  // a file that speaks of another
}

TEST(OciFiles, CrunsStatusAndDockersFiles) {
  const auto crun =
      ParseCrunStatus(R"({"pid": 7, "cgroup-path": "/machine.slice/x.scope"})", "box");
  EXPECT_EQ(crun->cgroup_path, "/machine.slice/x.scope");
  EXPECT_EQ(crun->runtime, "crun");
  const auto docker = ParseDockerConfig("{\"ID\": \"" + kId + R"(", "Name": "/web",
    "Config": {"Image": "nginx:1.25", "Labels": {"com.docker.compose.project": "shop",
                                                 "com.docker.compose.service": "web"}}})",
                                        kId);
  ASSERT_TRUE(docker);
  EXPECT_EQ(docker->name, "web");
  EXPECT_EQ(docker->image, "nginx:1.25");
  EXPECT_EQ(docker->workload, "compose:shop/web");
  EXPECT_EQ(docker->labels.size(), 2u);
  EXPECT_TRUE(ParseDockerHostConfig(R"({"Privileged": true})"));
  EXPECT_FALSE(ParseDockerHostConfig(R"({"Privileged": "true"})"));
}

TEST(OciFiles, SystemdsCgroupsPaths) {
  EXPECT_EQ(ExpandCgroupsPath("/a/b"), "/a/b");
  EXPECT_EQ(ExpandCgroupsPath("system.slice:runc:box"), "/system.slice/runc-box.scope");
  EXPECT_EQ(ExpandCgroupsPath("a-b-c.slice:cri-containerd:x"),
            "/a.slice/a-b.slice/a-b-c.slice/cri-containerd-x.scope");
  EXPECT_EQ(ExpandCgroupsPath(":runc:box"), "/system.slice/runc-box.scope");
  EXPECT_EQ(ExpandCgroupsPath("-.slice:runc:box"), "/runc-box.scope");
  EXPECT_EQ(ExpandCgroupsPath("a.slice::box"), "/a.slice/box.scope");
  for (const char* text : {"", "relative/path", "a:b", "a:b:c", "x.slice:y:", "a/b.slice:c:d"})
    EXPECT_EQ(ExpandCgroupsPath(text), "") << text;
}

TEST(OciFiles, NonsenseIsNothing) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("7"),
        std::string("\xff\xfe"), std::string(100'000, '['), std::string("{\"id\":\"\xff\"}")}) {
    EXPECT_FALSE(ParseOciConfig(text, kId)) << text.substr(0, 20);
    EXPECT_FALSE(ParseRuncState(text, kId));
    EXPECT_FALSE(ParseCrunStatus(text, kId));
    EXPECT_FALSE(ParseDockerConfig(text, kId));
    EXPECT_FALSE(ParseDockerHostConfig(text));
  }
  std::string deep;
  for (int i = 0; i < 50'000; ++i) deep += "{\"process\":";
  EXPECT_FALSE(ParseOciConfig(deep + "1" + std::string(50'000, '}'), kId));
}

TEST(OciFiles, ShowWhichGatedCallsTheFilterAllows) {
  const auto described = ParseOciConfig(R"({"root": {"path": "/var/lib/merged"}, "process": {},
    "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["read", "unshare", "mount"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0}]},
      {"names": ["clone3"], "action": "SCMP_ACT_ERRNO"}]}}})",
                                        "b");
  ASSERT_TRUE(described && described->filter);
  EXPECT_EQ(described->root, "/var/lib/merged");
  EXPECT_TRUE(described->filter->present);
  EXPECT_EQ(described->filter->allows, GatedCallSet{1} << *GatedCallNumber("unshare") |
                                           GatedCallSet{1} << *GatedCallNumber("mount"));
  const auto unfiltered = ParseOciConfig(R"({"process": {}, "root": {"path": "rootfs"}})", "b");
  ASSERT_TRUE(unfiltered && unfiltered->filter);
  EXPECT_FALSE(unfiltered->filter->present);
  EXPECT_EQ(unfiltered->root, "rootfs");
}

// Right keys with values of any type, long ones included.
TEST(OciFiles, AnyValuesAreSurvived) {
  const std::vector<std::string> values = {
      "null",
      "true",
      "-1",
      "1e999",
      "\"x\"",
      "[]",
      "{}",
      "[null,7,\"CAP_CHOWN\"]",
      "18446744073709551615",
      "\"" + std::string(10'000, 'y') + "\"",
      R"({"bounding": 7, "Bounding": "x", "": 3, "uid": -4, "type": []})"};
  std::mt19937 random(1);
  const auto any = [&] { return values[random() % values.size()]; };
  for (int i = 0; i < 2'000; ++i) {
    const std::string text = "{\"id\":\"b\",\"ID\":\"b\",\"annotations\":" + any() +
                             ",\"Name\":" + any() + ",\"Config\":" + any() +
                             ",\"process\":{\"capabilities\":" + any() + ",\"user\":" + any() +
                             ",\"args\":" + any() + ",\"noNewPrivileges\":" + any() +
                             "},\"linux\":{\"cgroupsPath\":" + any() + ",\"namespaces\":" + any() +
                             ",\"seccomp\":" + any() + "},\"config\":{\"capabilities\":" + any() +
                             ",\"labels\":" + any() + ",\"cgroups\":" + any() +
                             "},\"cgroup_paths\":" + any() + ",\"cgroup-path\":" + any() + "}";
    for (const auto& described : {ParseOciConfig(text, "b"), ParseRuncState(text, "b"),
                                  ParseCrunStatus(text, "b"), ParseDockerConfig(text, "b")})
      if (described) {
        EXPECT_LE(described->name.size(), 256u);
      }
  }
}

}  // namespace
}  // namespace capmon
