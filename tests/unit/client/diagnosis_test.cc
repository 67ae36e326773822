// SPDX-License-Identifier: Apache-2.0
#include "client/commands/diagnosis.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

HostFacts GoodHost() {
  HostFacts host;
  host.kernel = "6.1.0";
  host.has_types = host.has_bpffs = true;
  host.cgroup_layout = "v2";
  return host;
}

v1::Status GoodStatus() {
  v1::Status status;
  status.set_version("1");
  status.set_backend("fexit");
  status.set_kernel("6.1.0");
  status.mutable_health()->set_serving(true);
  return status;
}

Observation About(const std::vector<Observation>& all, const std::string& topic) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& o) {
    return o.topic == topic && o.finding != Finding::kOk;
  });
  return found == all.end() ? Observation() : *found;
}

TEST(Diagnosis, AllIsWell) { EXPECT_EQ(Worst(Diagnose(GoodHost(), GoodStatus())), Finding::kOk); }

TEST(Diagnosis, WhatTheMachineLacks) {
  HostFacts host = GoodHost();
  host.has_types = host.has_bpffs = false;
  host.cgroup_layout = "v1";
  auto all = Diagnose(host, GoodStatus());
  EXPECT_EQ(About(all, "kernel").finding, Finding::kBroken);
  EXPECT_EQ(About(all, "cgroups").finding, Finding::kGap);
  EXPECT_EQ(About(all, "bpffs").remedy, "mount -t bpf bpf /sys/fs/bpf");
  host = GoodHost();
  host.locked_down = true;
  host.cgroup_layout.clear();
  all = Diagnose(host, GoodStatus());
  EXPECT_EQ(About(all, "kernel").finding, Finding::kBroken);
  EXPECT_EQ(About(all, "cgroups").finding, Finding::kBroken);
}

TEST(Diagnosis, EveryGapHasItsPrice) {
  v1::Status status = GoodStatus();
  status.add_blind_spots("the moon");
  (*status.mutable_lost())["map-full"] = 3;
  v1::Layer* const layer = status.add_layers();
  layer->set_name("docker");
  layer->set_state("failing");
  layer->set_detail("it hangs");
  v1::Layer* const files = status.add_layers();
  files->set_name("files");
  files->set_state("failing");
  const auto all = Diagnose(GoodHost(), status);
  EXPECT_EQ(Worst(all), Finding::kGap);
  EXPECT_EQ(About(all, "back end").what, "the moon");
  EXPECT_EQ(About(all, "back end").finding, Finding::kNote);
  EXPECT_NE(About(all, "capabilities of files").cost.find("unknown"), std::string::npos);
  EXPECT_EQ(About(all, "losses").remedy, "give capmond a larger --max-checks");
  EXPECT_EQ(About(all, "names from docker").what, "failing: it hangs");
  for (const Observation& one : all) {
    EXPECT_EQ(one.cost.empty(), one.finding == Finding::kOk);
    EXPECT_EQ(one.remedy.empty(), one.finding <= Finding::kNote) << one.what;
  }
}

TEST(Diagnosis, WhatNothingCanBeDoneAboutIsANote) {
  v1::Status status = GoodStatus();
  status.add_blind_spots("the moon");
  (*status.mutable_lost())["ring-exec"] = 3;
  status.add_losing()->set_container("web");
  EXPECT_EQ(Worst(Diagnose(GoodHost(), status)), Finding::kNote);
  (*status.mutable_lost())["key-quota"] = 3;
  EXPECT_EQ(Worst(Diagnose(GoodHost(), status)), Finding::kGap);
}

TEST(Diagnosis, WhatARestartWouldLose) {
  v1::Status status = GoodStatus();
  v1::Layer* const store = status.add_keeps();
  store->set_name("store");
  store->set_state("failing");
  store->set_detail("the disk is full");
  v1::Layer* const pins = status.add_keeps();
  pins->set_name("pins");
  pins->set_state("absent");
  pins->set_detail("--pin-dir none");
  auto all = Diagnose(GoodHost(), status);
  EXPECT_EQ(About(all, "persisted in store").what, "failing: the disk is full");
  EXPECT_FALSE(About(all, "persisted in store").remedy.empty());
  EXPECT_EQ(About(all, "persisted in pins").finding, Finding::kGap);
  EXPECT_TRUE(About(all, "persisted in pins").remedy.starts_with("mount -t bpf"));
  pins->set_state("failing");
  EXPECT_TRUE(About(Diagnose(GoodHost(), status), "persisted in pins")
                  .remedy.starts_with("let capmond write there"));
  // Where capmond pins elsewhere, nothing is missing.
  pins->set_state("ok");
  HostFacts host = GoodHost();
  host.has_bpffs = false;
  all = Diagnose(host, status);
  EXPECT_EQ(About(all, "bpffs").finding, Finding::kOk);
  EXPECT_EQ(About(all, "persisted in pins").finding, Finding::kOk);
}

TEST(Diagnosis, AMissingPermissionIsReported) {
  const auto all = Diagnose(GoodHost(), absl::PermissionDeniedError("not yours"));
  EXPECT_EQ(About(all, "capmond").cost, "its state cannot be read");
  EXPECT_EQ(About(all, "capmond").remedy.find("systemctl"), std::string::npos);
}

TEST(Diagnosis, AnUnhealthyDaemonIsBroken) {
  v1::Status status = GoodStatus();
  status.mutable_health()->set_serving(false);
  status.mutable_health()->set_reason("out of breath");
  EXPECT_EQ(About(Diagnose(GoodHost(), status), "health").what, "out of breath");
  EXPECT_EQ(Worst(Diagnose(GoodHost(), status)), Finding::kBroken);
}

TEST(Diagnosis, NoDaemonIsBroken) {
  const auto all = Diagnose(GoodHost(), absl::UnavailableError("nobody listens"));
  EXPECT_EQ(About(all, "capmond").what, "nobody listens");
  EXPECT_EQ(Worst(all), Finding::kBroken);
}

TEST(HostFacts, AreReadBelowARoot) {
  const TempDir root;
  for (const char* directory : {"/sys/kernel/btf", "/sys/kernel/security", "/proc/self", "/run"})
    std::filesystem::create_directories(root.path() + directory);
  std::ofstream(root.path() + "/sys/kernel/btf/vmlinux") << "types";
  std::ofstream(root.path() + "/sys/kernel/security/lockdown")
      << "none integrity [confidentiality]\n";
  std::ofstream(root.path() + "/proc/self/mountinfo")
      << "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
         "31 20 0:27 / /sys/fs/bpf rw - bpf bpf rw\n";
  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{AF_UNIX, ""};
  const std::string path = root.path() + "/run/docker.sock";
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ::close(listening);

  const HostFacts facts = GatherHostFacts(root.path());
  EXPECT_FALSE(facts.kernel.empty());
  EXPECT_TRUE(facts.has_types);
  EXPECT_TRUE(facts.has_bpffs);
  EXPECT_TRUE(facts.locked_down);
  EXPECT_EQ(facts.cgroup_layout, "v2");
  ASSERT_EQ(facts.runtimes.size(), 1u);
  EXPECT_EQ(facts.runtimes[0].name, "docker");
  EXPECT_EQ(facts.runtimes[0].socket, "/run/docker.sock");
  EXPECT_TRUE(GatherHostFacts(root.path() + "/run").cgroup_layout.empty());
}

}  // namespace
}  // namespace capmon
