// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/cgroup_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace capmon {

void PrintTo(const CgroupIdentity& identity, std::ostream* out) {
  *out << "{kind " << static_cast<int>(identity.kind) << ", id '" << identity.id << "', runtime '"
       << identity.runtime << "', pod '" << identity.pod_uid << "', inner '" << identity.inner
       << "', own '" << identity.cgroup_path << "'}";
}

namespace {

constexpr auto kContainer = ContainerKind::kContainer;
constexpr auto kUnit = ContainerKind::kUnit;
constexpr auto kHost = ContainerKind::kHost;
constexpr auto kUnknown = ContainerKind::kUnknown;
constexpr auto kSession = ContainerKind::kSession;

const std::string kId = "4f66ad9a0b2e5f2c1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8";
const std::string kOther = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string kUid = "6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8";
const std::string kUidInSlice = "6f1c2a3b_4d5e_6f70_8192_a3b4c5d6e7f8";
const std::string kStaticUid = "0123456789abcdef0123456789abcdef";

// One path: `own` is the container's own cgroup, `below` what follows it.
struct Form {
  std::string own;
  std::string below;
  ContainerKind kind = kHost;
  std::string id = "";
  std::string runtime = "";
  std::string pod_uid = "";
};

void ExpectForms(const std::vector<Form>& forms) {
  for (const Form& form : forms) {
    const std::string path = form.own + (form.below.empty() ? "" : "/") + form.below;
    const CgroupIdentity expected{form.kind,    form.id,    form.runtime,
                                  form.pod_uid, form.below, form.own};
    EXPECT_EQ(IdentifyCgroup(path), expected) << path;
  }
}

void ExpectHost(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const CgroupIdentity expected{kHost, "", "", "", path.substr(1), "/"};
    EXPECT_EQ(IdentifyCgroup(path), expected) << path;
  }
}

void ExpectUnknown(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) EXPECT_EQ(IdentifyCgroup(path), CgroupIdentity()) << path;
}

TEST(CgroupPath, Docker) {
  ExpectForms({
      {"/docker/" + kId, "", kContainer, kId, "docker"},
      {"/docker/" + kId, "init", kContainer, kId, "docker"},
      {"/docker/" + kId, "system.slice/nginx.service", kContainer, kId, "docker"},
      {"/system.slice/docker-" + kId + ".scope", "", kContainer, kId, "docker"},
      {"/machine.slice/docker-" + kId + ".scope", "a/b", kContainer, kId, "docker"},
      {"/system.slice:docker:" + kId, "", kContainer, kId, "docker"},
      {"/docker/buildkit/x7k2m9", "", kContainer, "x7k2m9", "buildkit"},
      {"/buildkit/x7k2m9", "", kContainer, "x7k2m9", "buildkit"},
  });
}

TEST(CgroupPath, Containerd) {
  ExpectForms({
      {"/k8s.io/" + kId, "", kContainer, kId, "containerd"},
      {"/k8s.io/web", "", kContainer, "web", "containerd"},
      {"/default/" + kId, "", kContainer, kId, "containerd"},
      {"/default/my-box_1", "inner", kContainer, "my-box_1", "containerd"},
      {"/moby/" + kId, "", kContainer, kId, "containerd"},
      {"/nerdctl/box", "", kContainer, "box", "containerd"},
      {"/somebodys/" + kId, "", kContainer, kId, ""},
      {"/system.slice/nerdctl-" + kId + ".scope", "", kContainer, kId, "containerd"},
  });
}

TEST(CgroupPath, Kubelet) {
  const std::string qos = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod";
  const std::string guaranteed = "/kubepods.slice/kubepods-pod" + kUidInSlice + ".slice";
  ExpectForms({
      {qos + kUidInSlice + ".slice/cri-containerd-" + kId + ".scope", "", kContainer, kId,
       "containerd", kUid},
      {guaranteed + "/cri-containerd-" + kId + ".scope", "", kContainer, kId, "containerd", kUid},
      {guaranteed + "/crio-" + kId + ".scope", "container", kContainer, kId, "cri-o", kUid},
      {guaranteed + "/docker-" + kId + ".scope", "", kContainer, kId, "docker", kUid},
      {qos + kStaticUid + ".slice/cri-containerd-" + kId + ".scope", "", kContainer, kId,
       "containerd", kStaticUid},
      {"/kubepods/besteffort/pod" + kUid + "/" + kId, "", kContainer, kId, "containerd", kUid},
      {"/kubepods/pod" + kUid + "/" + kId, "x/y", kContainer, kId, "containerd", kUid},
      {"/kubepods/burstable/pod" + kUid + "/crio-" + kId, "", kContainer, kId, "cri-o", kUid},
      {"/kubepods/burstable/pod" + kStaticUid + "/" + kId, "", kContainer, kId, "containerd",
       kStaticUid},
      {"/kubepods/burstable/podnonsense/" + kId, "", kContainer, kId, "containerd", ""},
      {"/custom.slice/custom-kubepods.slice/custom-kubepods-pod" + kUidInSlice +
           ".slice/cri-containerd-" + kId + ".scope",
       "", kContainer, kId, "containerd", kUid},
  });
}

TEST(CgroupPath, MixedDrivers) {
  const std::string pod = "kubepods-besteffort-pod" + kUidInSlice + ".slice";
  ExpectForms({
      {"/" + pod + ":cri-containerd:" + kId, "", kContainer, kId, "containerd", kUid},
      {"/system.slice/containerd.service/" + pod + ":cri-containerd:" + kId, "in", kContainer, kId,
       "containerd", kUid},
      {"/system.slice:crio:" + kId, "", kContainer, kId, "cri-o"},
      {"/user.slice:runc:mybox", "", kContainer, "mybox", "runc"},
      {"/a.slice:whatever:" + kId, "", kContainer, kId, ""},
  });
}

TEST(CgroupPath, Podman) {
  const std::string user = "/user.slice/user-1000.slice/user@1000.service";
  ExpectForms({
      {"/machine.slice/libpod-" + kId + ".scope", "", kContainer, kId, "podman"},
      {"/machine.slice/libpod-" + kId + ".scope", "container", kContainer, kId, "podman"},
      {"/machine.slice/machine-libpod_pod_" + kOther + ".slice/libpod-" + kId + ".scope", "",
       kContainer, kId, "podman"},
      {user + "/user.slice/libpod-" + kId + ".scope", "container", kContainer, kId, "podman"},
      {user + "/app.slice/web.service/libpod-payload-" + kId, "", kContainer, kId, "podman"},
      {"/libpod_parent/libpod-" + kId, "", kContainer, kId, "podman"},
      {"/libpod_parent/" + kOther + "/libpod-" + kId, "", kContainer, kId, "podman"},
  });
}

TEST(CgroupPath, OtherRuntimes) {
  ExpectForms({
      {"/lxc.payload.web", "", kContainer, "web", "lxc"},
      {"/lxc.payload.web", "system.slice/cron.service", kContainer, "web", "lxc"},
      {"/lxc/web", "init.scope", kContainer, "web", "lxc"},
      {"/machine.slice/machine-web.scope", "payload", kContainer, "web", "nspawn"},
      {"/machine.slice/machine-my\\x2dbox.scope", "", kContainer, "my-box", "nspawn"},
      {"/machine.slice/systemd-nspawn@web.service", "payload", kContainer, "web", "nspawn"},
      {"/system.slice/runc-mybox.scope", "", kContainer, "mybox", "runc"},
      {"/user.slice/crun-box.scope", "", kContainer, "box", "crun"},
      {"/ecs/0123456789abcdef/" + kId, "", kContainer, kId, ""},
      {"/ecs/0123456789abcdef/0123456789abcdef-3", "in", kContainer, "0123456789abcdef-3", ""},
      {"/ecstasks.slice/ecstasks-0123.slice/docker-" + kId + ".scope", "", kContainer, kId,
       "docker"},
      {"/lxc.payload.project_web", "", kContainer, "project_web", "lxc"},
      {"/system.slice/buildkit-x7k2m9.scope", "", kContainer, "x7k2m9", "buildkit"},
      {"/system.slice:buildkit:x7k2m9", "", kContainer, "x7k2m9", "buildkit"},
      {"/system.slice:crun:box", "", kContainer, "box", "crun"},
      {"/system.slice/crun-box.scope", "container", kContainer, "box", "crun"},
  });
}

TEST(CgroupPath, OutsideSystemdsTreeIsAContainer) {
  ExpectForms({
      {"/mybox", "", kContainer, "mybox", ""},
      {"/mybox", "inner/most", kContainer, "mybox", ""},
      {"/mybox", "nginx.service", kContainer, "mybox", ""},
      {"/" + kId, "", kContainer, kId, ""},
  });
}

TEST(CgroupPath, WhatRunsInAContainerIsItsInnerLife) {
  const std::string tree =
      "kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
      "kubelet-kubepods-besteffort-pod" +
      kUidInSlice + ".slice/cri-containerd-" + kId + ".scope";
  ExpectForms({
      // kind, minikube: a node that is a container, with pods in it.
      {"/docker/" + kOther, tree, kContainer, kOther, "docker"},
      {"/docker/" + kOther, "kubepods/besteffort/pod" + kUid + "/" + kId, kContainer, kOther,
       "docker"},
      {"/system.slice/docker-" + kOther + ".scope", tree + "/app", kContainer, kOther, "docker"},
      {"/machine.slice/libpod-" + kOther + ".scope", "container/" + tree, kContainer, kOther,
       "podman"},
      {"/docker/" + kOther, "kubelet.slice/kubelet.service", kContainer, kOther, "docker"},
      {"/docker/" + kOther, "system.slice/containerd.service", kContainer, kOther, "docker"},
      // Docker, systemd, LXC in a container.
      {"/docker/" + kOther, "docker/" + kId, kContainer, kOther, "docker"},
      {"/docker/" + kOther, "docker/buildkit/x7k2m9", kContainer, kOther, "docker"},
      {"/lxc.payload.web", "system.slice/docker-" + kId + ".scope", kContainer, "web", "lxc"},
      {"/lxc.payload.web", "lxc.payload.inner", kContainer, "web", "lxc"},
      {"/machine.slice/machine-web.scope", "payload/machine.slice/libpod-" + kId + ".scope",
       kContainer, "web", "nspawn"},
      {"/docker/" + kOther, "init.scope", kContainer, kOther, "docker"},
      {"/docker/" + kOther, "user.slice/user-0.slice/session-1.scope", kContainer, kOther,
       "docker"},
  });
}

TEST(CgroupPath, Units) {
  const std::string user = "/user.slice/user-1000.slice/user@1000.service";
  ExpectForms({
      {"/system.slice/nginx.service", "", kUnit, "nginx.service", "systemd"},
      {"/system.slice/nginx.service", "worker", kUnit, "nginx.service", "systemd"},
      {"/nginx.service", "", kUnit, "nginx.service", "systemd"},
      {"/system.slice/system-getty.slice/getty@tty1.service", "", kUnit, "getty@tty1.service",
       "systemd"},
      {"/system.slice/docker.service", "", kUnit, "docker.service", "systemd"},
      {user, "init.scope", kUnit, "user@1000.service", "systemd"},
      {user, "app.slice/vte-spawn-1.scope", kUnit, "user@1000.service", "systemd"},
      {user + "/app.slice/nginx.service", "", kUnit, "user@1000.service/nginx.service", "systemd"},
      {user + "/app.slice/app-a.slice/nginx.service", "x", kUnit, "user@1000.service/nginx.service",
       "systemd"},
      // Conmon monitors a container and is not part of it.
      {user, "user.slice/libpod-conmon-" + kId + ".scope", kUnit, "user@1000.service", "systemd"},
  });
}

TEST(CgroupPath, Sessions) {
  ExpectForms({
      {"/capmon.run/ping-1", "", kSession, "ping-1", "capmon"},
      {"/capmon.run/ping-1", "docker/" + kId, kSession, "ping-1", "capmon"},
  });
}

TEST(CgroupPath, Host) {
  ExpectHost({
      "/",
      "/init.scope",
      "/init",
      "/system.slice",
      "/user.slice/user-1000.slice/session-3.scope",
      "/user.slice/user-1000.slice",
      "/dev-hugepages.mount",
      "/docker",
      "/docker/buildkit",
      "/k8s.io",
      "/default",
      "/lxc",
      "/lxc.monitor.web",
      "/kubepods",
      "/kubepods/burstable/pod" + kUid,
      "/kubepods.slice/kubepods-pod" + kUidInSlice + ".slice",
      "/machine.slice",
      "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
      "/machine.slice/libpod-conmon-" + kId + ".scope",
      "/system.slice/crio-conmon-" + kId + ".scope",
      "/kubepods.slice/kubepods-pod" + kUidInSlice + ".slice/crio-conmon-" + kId + ".scope",
      "/libpod_parent",
      "/libpod_parent/" + kId,
      "/libpod_parent/libpod-conmon-" + kId,
      "/capmon.run",
      "/system.slice/docker-tooshort.scope",
      "/system.slice/default/web",  // a namespace of containerd stands at the top
  });
}

TEST(CgroupPath, ContainersCannotTakeAnothersName) {
  const std::string in_pod = "/kubepods/burstable/pod" + kUid + "/" + kId;
  const std::string fake_pod = "kubepods/burstable/pod" + kStaticUid + "/" + kOther;
  ExpectForms({
      {"/docker/" + kId, kOther, kContainer, kId, "docker"},
      {"/docker/" + kId, "docker/" + kOther, kContainer, kId, "docker"},
      {"/docker/" + kId, "system.slice/docker-" + kOther + ".scope", kContainer, kId, "docker"},
      {"/docker/" + kId, "capmon.run/trusted", kContainer, kId, "docker"},
      {"/docker/" + kId, "k8s.io/" + kOther, kContainer, kId, "docker"},
      {"/docker/" + kId, fake_pod, kContainer, kId, "docker"},
      {"/docker/" + kId, "kubepods/" + kOther, kContainer, kId, "docker"},
      {"/docker/" + kId, "kubepods/podX/" + kOther, kContainer, kId, "docker"},
      // On a real node nothing below a pod is another pod.
      {in_pod, fake_pod, kContainer, kId, "containerd", kUid},
      {in_pod, "docker/" + kOther + "/" + fake_pod, kContainer, kId, "containerd", kUid},
      {"/machine.slice/libpod-" + kId + ".scope", "container/libpod-" + kOther + ".scope",
       kContainer, kId, "podman"},
  });
}

TEST(CgroupPath, WhereARuntimeMayHaveAContainer) {
  for (const std::string path : {"/mybox", "/group/ct", "/user.slice/myapp-ct1.scope", "/a/b/c",
                                 "/system.slice/jenkins.service/ct1", "/k8s.io/web"})
    EXPECT_EQ(ContainerPath(path), path);
  EXPECT_EQ(ContainerPath("group//ct/"), "/group/ct");
  for (const std::string path :
       {"", "/", "/..", "/../x", "/a/../b", "/system.slice", "/x/y.slice", "/docker", "/k8s.io",
        "/init.scope", "/system.slice/jenkins.service", "/capmon.run/one",
        "/user.slice/user-0.slice/session-3.scope"})
    EXPECT_EQ(ContainerPath(path), "") << path;
}

TEST(CgroupPath, OddSpellings) {
  EXPECT_EQ(IdentifyCgroup("//docker///" + kId + "//"), IdentifyCgroup("/docker/" + kId));
  EXPECT_EQ(IdentifyCgroup("docker/" + kId), IdentifyCgroup("/docker/" + kId));
  EXPECT_EQ(IdentifyCgroup("/docker/" + kId + " (deleted)"), IdentifyCgroup("/docker/" + kId));
  // An id has 64 lower-case hexadecimal digits; not 63, not 65, no other characters.
  const std::string upper(64, 'A');
  ExpectHost({"/docker/" + upper, "/docker/" + kId.substr(1), "/docker/" + kId + "0",
              "/docker/" + std::string(64, 'g')});
}

TEST(CgroupPath, SeenFromAnotherNamespace) {
  ExpectForms({
      {"/../" + kId, "", kContainer, kId, ""},
      {"/../../system.slice/docker-" + kId + ".scope", "a", kContainer, kId, "docker"},
      {"/../system.slice/cron.service", "", kUnit, "cron.service", "systemd"},
  });
  ExpectUnknown({"/..", "/../../mybox", "/../k8s.io/web", "/../capmon.run/fake"});
}

TEST(CgroupPath, WhatNoKernelMakes) {
  ExpectUnknown({"", " (deleted)", "/.", "/docker/./" + kId, "/docker/../" + kId,
                 "/docker/" + kId + "/..", "/docker/" + kId + "/" + std::string(256, 'a'),
                 "/" + std::string(256, 'a'), std::string(5000, '/'),
                 "/docker/" + kId + std::string(2500, '/') + std::string(2500, 'a')});
}

TEST(CgroupPath, BytesThatAreNotPrintableAreSpelledOut) {
  const std::string own = "/docker/" + kId;
  const auto inner = [&](const std::string& name) {
    const CgroupIdentity identity = IdentifyCgroup(own + "/" + name);
    EXPECT_EQ(identity.id, kId);
    return identity.inner;
  };
  EXPECT_EQ(inner("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(inner("a\xff\xfe"), "a\\xff\\xfe");
  EXPECT_EQ(inner("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(inner("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(inner("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(inner("\xe2\x82"), "\\xe2\\x82");  // cut short
  EXPECT_EQ(inner("\xc2\x9b"), "\\xc2\\x9b");  // a control sequence in one character
  EXPECT_EQ(inner(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(inner("caf\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7"), "café€🐧");
  EXPECT_EQ(IdentifyCgroup("/\xff").id, "\\xff");
}

TEST(CgroupPath, SpelledOutIsReadTheSame) {
  const CgroupIdentity once = IdentifyCgroup(
      "/my\x01"
      "box/in\xffner");
  EXPECT_EQ(IdentifyCgroup(once.cgroup_path + "/" + once.inner), once);
}

// For any path the result is a fixed point, printable, and consists of parts of the path.
TEST(CgroupPath, AnyPathIsReadConsistently) {
  const std::vector<std::string> parts = {"/",           "/docker",
                                          "/kubepods",   "/pod" + kUid,
                                          "/" + kId,     "/k8s.io",
                                          ".scope",      "/docker-",
                                          "/capmon.run", "-pod" + kUidInSlice,
                                          ".slice",      ":cri-containerd:",
                                          ".service",    "/user@1",
                                          "/..",         "/lxc.payload.",
                                          "\xff",        "/machine-",
                                          kId,           "/libpod_parent",
                                          "\\x2d",       "\x1b",
                                          "a",           "-conmon-"};
  std::mt19937 random(1);
  const auto pick = [&](size_t below) { return random() % below; };
  int containers = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string path;
    for (size_t i = pick(9); i > 0; --i) path += parts[pick(parts.size())];
    const CgroupIdentity once = IdentifyCgroup(path);
    if (once.kind == kUnknown) continue;
    const std::string own = once.cgroup_path == "/" ? "" : once.cgroup_path;
    const std::string whole = own + (once.inner.empty() && !own.empty() ? "" : "/") + once.inner;
    ASSERT_EQ(IdentifyCgroup(whole), once) << path;
    ASSERT_EQ(once.id.empty(), once.kind == kHost) << path;
    ASSERT_TRUE(std::ranges::all_of(whole, [](char c) { return c >= 0x20 && c < 0x7f; })) << path;
    if (once.kind == kContainer) ++containers;
  }
  EXPECT_GT(containers, 500);
}

}  // namespace
}  // namespace capmon
