// SPDX-License-Identifier: Apache-2.0
// Every container has its right name, with every runtime and source, and no process inside one can
// change which container is charged. Names come from each runtime's files here, and from CRI; those
// from Docker's socket are in docker_test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/containerd_daemon.h"
#include "tests/support/docker_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/runc_container.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

// Makes a check for CAP_CHOWN, prints a line, and stays.
const std::string kScript =
    "rm -f /tmp/file; touch /tmp/file; chown 1000 /tmp/file; echo ready; sleep 3600";

class AttributionTest : public LiveTest {
 protected:
  AttributionTest() : LiveTest({"runc", "busybox"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun()) return;
    rootfs_ = directory_ / "rootfs";
    ASSERT_TRUE(MakeBusyboxRootfs(rootfs_).ok());
  }

  // Starts a capmond with only the sources given here.
  void Watch(std::vector<std::string> flags) {
    for (const char* name :
         {"--docker-socket", "--cri-socket", "--run-dir", "--docker-root", "--storage-root"})
      if (std::find(flags.begin(), flags.end(), name) == flags.end())
        flags.insert(flags.end(), {name, "none"});
    auto daemon = CapmonDaemon::Start(directory_.path(), flags);
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }
  // Waits until that source has named it and its check is counted.
  json Named(const std::string& reference, const std::string& layer) const {
    const json profile = ProfileOnce(*daemon_, reference, [&](const json& now) {
      return now.at("container").at("name_source") == layer && now.contains("held") &&
             Number(Row(now, "CAP_CHOWN"), "count") > 0;
    });
    EXPECT_TRUE(profile.is_object()) << daemon_->Capmon({"profile", reference}).err
                                     << daemon_->Capmon({"list", "--instances", "-o", "wide"}).out
                                     << daemon_->Capmon({"status"}).out;
    if (!profile.is_object()) return {};
    EXPECT_EQ(profile.at("container").at("name_source"), layer)
        << daemon_->Capmon({"status"}).out << profile.at("container").dump(1);
    EXPECT_GE(Number(Row(profile, "CAP_CHOWN"), "count"), 1u) << profile.at("container").dump(1);
    return profile;
  }
  static std::set<std::string> Given(const json& profile) {
    return profile.at("held").at("bounding");
  }
  // Returns the inner cgroups in which CAP_CHOWN was checked.
  std::set<std::string> InnerCgroups(const std::string& reference) const {
    std::set<std::string> paths;
    Eventually([&] {
      const json explained = daemon_->Json({"explain", reference, "CHOWN"});
      if (!explained.is_object()) return false;
      for (const json& evidence : explained.at("capability").at("evidence"))
        for (const std::string path : evidence.at("inner_cgroups")) paths.insert(path);
      return !paths.empty();
    });
    return paths;
  }
  // The pod's sandbox is listed as well, under the pod's name.
  void ExpectSandbox(const json& container) const {
    const json list = daemon_->Json({"list", "--instances", "-a"});
    std::set<std::string> names;
    for (const json& summary : list.at("containers"))
      if (summary.at("container").at("pod") == container.at("pod"))
        names.insert(summary.at("container").at("name"));
    EXPECT_EQ(names, (std::set<std::string>{"POD", container.at("name")})) << list.dump(1);
  }
  ContainerSpec Spec() const {
    return {.rootfs = rootfs_,
            .command = {"/bin/sh", "-c", kScript},
            .capabilities = {"CAP_CHOWN", "CAP_NET_RAW"}};
  }
  static void WaitUntilReady(ChildProcess& process) {
    ASSERT_TRUE(Eventually([&] { return process.out().find("ready") != std::string::npos; }))
        << process.err();
  }

  TempDir directory_;
  std::string rootfs_;
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(AttributionTest, DockersFilesNameItsContainers) {
  if (!CanRun()) return;
  if (!OnPath("dockerd")) GTEST_SKIP() << "needs dockerd";
  auto docker = DockerDaemon::Start();
  ASSERT_TRUE(docker.ok()) << docker.status();
  ASSERT_TRUE(docker->Import(rootfs_, "capmon-test:1").ok());
  Watch({"--run-dir", docker->run_dir(), "--docker-root", docker->data_root()});
  const Outcome started = docker->Docker({"run", "-d", "--network", "none", "--name", "shopweb",
                                          "--label", "tier=front", "--cap-drop", "MKNOD",
                                          "capmon-test:1", "/bin/sh", "-c", kScript});
  ASSERT_EQ(started.exit_code, 0) << started.err;
  const std::string id = started.out.substr(0, 64);
  const json profile = Named(id, "oci");
  if (!profile.is_object()) return;
  const json& container = profile.at("container");
  EXPECT_EQ(container.at("name"), "shopweb");
  EXPECT_EQ(container.at("image"), "capmon-test:1");
  EXPECT_EQ(container.at("runtime"), "docker");
  EXPECT_EQ(container.at("labels").at("tier"), "front");
  EXPECT_FALSE(container.at("privileged"));
  EXPECT_FALSE(Given(profile).contains("CAP_MKNOD"));
  EXPECT_TRUE(Given(profile).contains("CAP_CHOWN"));
  EXPECT_EQ(daemon_->Json({"profile", "image:capmon-test"}).at("container").at("id"), id);
}

TEST_F(AttributionTest, KubernetesRuntimesNamePodsAndCtrsContainersHaveTheirIds) {
  if (!CanRun()) return;
  if (!OnPath("containerd") || !OnPath("ctr")) GTEST_SKIP() << "needs containerd";
  auto containerd = ContainerdDaemon::Start(rootfs_);
  ASSERT_TRUE(containerd.ok()) << containerd.status();
  Watch({"--run-dir", containerd->run_dir(), "--cri-socket", containerd->socket()});
  const auto id = containerd->RunPod({.name = "web-6d9f7c5b8-x2x7k",
                                      .name_space = "shop",
                                      .container = "app",
                                      .command = {"/bin/sh", "-c", kScript},
                                      .drop = {"MKNOD"},
                                      .template_hash = "6d9f7c5b8"});
  ASSERT_TRUE(id.ok()) << id.status();
  const json profile = Named(*id, "cri");
  if (!profile.is_object()) return;
  const json& container = profile.at("container");
  EXPECT_EQ(container.at("name"), "app");
  EXPECT_EQ(container.at("pod"), "web-6d9f7c5b8-x2x7k");
  EXPECT_EQ(container.at("namespace"), "shop");
  EXPECT_EQ(container.at("pod_uid"), "6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8");
  EXPECT_EQ(container.at("workload"), "deploy/web");
  EXPECT_FALSE(container.at("workload_inferred"));
  EXPECT_EQ(container.at("runtime"), "containerd");
  EXPECT_EQ(container.at("image"), ContainerdDaemon::kImage);
  EXPECT_FALSE(Given(profile).contains("CAP_MKNOD"));
  EXPECT_TRUE(Given(profile).contains("CAP_CHOWN"));
  for (const char* reference :
       {"shop/web-6d9f7c5b8-x2x7k", "shop/web-6d9f7c5b8-x2x7k/app", "deploy/web"})
    EXPECT_EQ(daemon_->Json({"profile", reference}).at("container").at("id"), *id) << reference;
  ExpectSandbox(container);

  const std::string name = "plain-" + std::to_string(::getpid());
  const Outcome ran = containerd->Ctr(
      {"run", "-d", "--null-io", "--rootfs", rootfs_, name, "/bin/sh", "-c", kScript});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const json plain = ProfileOnce(*daemon_, name, [&](const json& now) {
    return now.contains("held") && Number(Row(now, "CAP_CHOWN"), "count") > 0;
  });
  ASSERT_TRUE(plain.is_object()) << daemon_->Capmon({"profile", name}).err;
  EXPECT_EQ(plain.at("container").at("id"), name);
  EXPECT_EQ(plain.at("container").at("runtime"), "containerd");
  EXPECT_EQ(plain.at("container").at("cgroup_path"), "/default/" + name);
  EXPECT_TRUE(Given(plain).contains("CAP_CHOWN"));
}

TEST_F(AttributionTest, WithoutACriSocketTheBundleNamesThePod) {
  if (!CanRun()) return;
  if (!OnPath("containerd") || !OnPath("ctr")) GTEST_SKIP() << "needs containerd";
  auto containerd = ContainerdDaemon::Start(rootfs_);
  ASSERT_TRUE(containerd.ok()) << containerd.status();
  Watch({"--run-dir", containerd->run_dir()});
  const auto id = containerd->RunPod({.name = "web-6d9f7c5b8-x2x7k",
                                      .name_space = "shop",
                                      .container = "app",
                                      .command = {"/bin/sh", "-c", kScript},
                                      .drop = {},
                                      .template_hash = "6d9f7c5b8"});
  ASSERT_TRUE(id.ok()) << id.status();
  const json profile = Named(*id, "oci");
  if (!profile.is_object()) return;
  EXPECT_EQ(profile.at("container").at("name"), "app");
  EXPECT_EQ(profile.at("container").at("namespace"), "shop");
  EXPECT_EQ(profile.at("container").at("workload"), "deploy/web");
  EXPECT_TRUE(profile.at("container").at("workload_inferred"));
}

TEST_F(AttributionTest, RuncsStateNamesTheCgroupOfAContainer) {
  if (!CanRun()) return;
  Watch({"--run-dir", directory_ / "run"});
  const TestCgroup parent("", "capmon-test-" + std::to_string(::getpid()));
  const std::string group = "/" + parent.id();
  ContainerSpec spec = Spec();
  spec.state = directory_ / "run/runc";
  spec.cgroup = group + "/first";
  auto first = RuncContainer::Start(spec);
  ASSERT_TRUE(first.ok()) << first.status();
  WaitUntilReady(first->process());
  spec.cgroup = group + "/second";
  spec.capabilities = {"CAP_CHOWN"};
  auto second = RuncContainer::Start(spec);
  ASSERT_TRUE(second.ok()) << second.status();
  WaitUntilReady(second->process());
  for (const RuncContainer* container : {&*first, &*second}) {
    const json profile = ProfileOnce(*daemon_, container->id(), [&](const json& now) {
      return now.contains("held") && Number(Row(now, "CAP_CHOWN"), "count") > 0;
    });
    ASSERT_TRUE(profile.is_object()) << daemon_->Capmon({"profile", container->id()}).err
                                     << daemon_->Capmon({"list", "--instances", "-o", "wide"}).out;
    EXPECT_EQ(Number(Row(profile, "CAP_CHOWN"), "count"), 1u) << profile.dump(1);
    EXPECT_EQ(profile.at("container").at("runtime"), "runc");
    EXPECT_EQ(profile.at("container").at("cgroup_path"),
              group + (container == &*first ? "/first" : "/second"));
    EXPECT_EQ(Given(profile).contains("CAP_NET_RAW"), container == &*first);
  }
}

TEST_F(AttributionTest, WhatIsGivenIsKnownBeforeAnythingRuns) {
  if (!CanRun()) return;
  Watch({"--run-dir", directory_ / "run"});
  const TempDir bundle;
  const std::string id = RandomContainerId();
  ASSERT_TRUE(WriteBundle(Spec(), id, bundle.path()));
  const std::string runc = "runc --root " + directory_ / "run/runc";
  const Outcome created = RunProgram({"/bin/sh", "-c",
                                      "exec </dev/null >/dev/null 2>&1; " + runc +
                                          " create --bundle " + bundle.path() + " " + id});
  ASSERT_EQ(created.exit_code, 0);
  const json profile =
      ProfileOnce(*daemon_, id, [](const json& now) { return now.contains("held"); });
  EXPECT_EQ(RunProgram({"/bin/sh", "-c", runc + " delete --force " + id}).exit_code, 0);
  ASSERT_TRUE(profile.is_object());
  EXPECT_EQ(profile.at("held").at("source"), "oci");
  EXPECT_EQ(Given(profile), (std::set<std::string>{"CAP_CHOWN", "CAP_NET_RAW"}));
}

// Beside v1 controllers not every runtime uses the v2 tree; this one does not see it.
TEST_F(AttributionTest, ARuntimeThatLeavesOutTheV2TreeIsDistinguished) {
  if (!CanRun()) return;
  const std::string v2 = "/sys/fs/cgroup/unified";
  if (!std::filesystem::exists(v2)) GTEST_SKIP() << "needs a hybrid cgroup layout";
  Watch({"--run-dir", directory_ / "run"});
  const TempDir bundle;
  const std::string id = RandomContainerId();
  ASSERT_TRUE(WriteBundle(Spec(), id, bundle.path()));
  auto runtime =
      ChildProcess::Start({"unshare", "--mount", "sh", "-c",
                           "umount " + v2 + " && exec runc --root " + directory_ / "run/runc" +
                               " run --bundle " + bundle.path() + " " + id});
  ASSERT_TRUE(runtime.ok()) << runtime.status();
  WaitUntilReady(*runtime);
  EXPECT_FALSE(std::filesystem::exists(v2 + "/docker/" + id));
  const json profile = ProfileOnce(
      *daemon_, id, [](const json& now) { return Number(Row(now, "CAP_CHOWN"), "count") > 0; });
  EXPECT_EQ(Number(Row(profile, "CAP_CHOWN"), "count"), 1u) << profile.dump(1);
  EXPECT_EQ(
      RunProgram({"runc", "--root", directory_ / "run/runc", "delete", "--force", id}).exit_code,
      0);
}

TEST_F(AttributionTest, AUnitIsItself) {
  if (!CanRun()) return;
  Watch({});
  const std::string name = "capmon-test-" + std::to_string(::getpid()) + ".service";
  const TestCgroup unit("/system.slice", name);
  auto process = ChildProcess::Start({"/bin/busybox", "sh", "-c",
                                      "touch " + directory_ / "file && busybox chown 1000 " +
                                          directory_ / "file; echo ready; cat"},
                                     {.user = {}, .cgroups = unit.directories()});
  ASSERT_TRUE(process.ok()) << process.status();
  WaitUntilReady(*process);
  const json profile = ProfileOnce(*daemon_, "unit:" + name, [&](const json& now) {
    return now.contains("held") && Number(Row(now, "CAP_CHOWN"), "checks") > 0;
  });
  ASSERT_TRUE(profile.is_object()) << daemon_->Capmon({"profile", "unit:" + name}).err;
  EXPECT_EQ(profile.at("container").at("kind"), "unit");
  EXPECT_EQ(profile.at("container").at("runtime"), "systemd");
  process->CloseInput();
  EXPECT_TRUE(process->Wait().ok());
}

TEST_F(AttributionTest, WhatAContainerRunsInsideIsChargedToIt) {
  if (!CanRun()) return;
  // The files of the inner runtime are visible, but give no names.
  Watch({"--run-dir", directory_ / "run"});
  const TestCgroup outer;
  const std::string victim = RandomContainerId();
  const std::vector<std::string> inner = {
      "docker/" + RandomContainerId(),
      "system.slice/docker-" + victim + ".scope",
      "kubepods/burstable/pod6f1c2a3b-4d5e-6f70-8192-a3b4c5d6e7f8/" + victim,
  };
  for (const std::string& path : inner) {
    ContainerSpec spec = Spec();
    spec.cgroup = "/docker/" + outer.id() + "/" + path;
    spec.state = directory_ / "run/runc";
    auto container = RuncContainer::Start(spec);
    ASSERT_TRUE(container.ok()) << container.status();
    WaitUntilReady(container->process());
    EXPECT_TRUE(Eventually([&] { return InnerCgroups(outer.id()).contains(path); })) << path;
    EXPECT_EQ(daemon_->Capmon({"profile", container->id()}).exit_code, 4);
  }
  EXPECT_EQ(daemon_->Capmon({"profile", victim}).exit_code, 4);
  EXPECT_THAT(daemon_->Capmon({"explain", outer.id(), "CHOWN"}).out,
              HasSubstr("Inner cgroup: " + inner.front()));
  // Removed from the inside out, so that the outer one can go.
  for (const std::string& directory : outer.directories())
    RunProgram(
        {"find", directory, "-mindepth", "1", "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"});
}

}  // namespace
}  // namespace capmon
