// SPDX-License-Identifier: Apache-2.0
// Runtimes inside a container: a real Docker and a real systemd. Everything they start is charged
// to the outer container, and the inner cgroup is kept as detail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tests/live/docker_watched_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

// The runtime inside manages a part of the tree that it sees as the whole: with v2 from the root,
// which must be empty of processes then, else in each hierarchy that Docker mounts, and in v2.
constexpr char kOwnCgroups[] =
    "if [ -e /sys/fs/cgroup/cgroup.controllers ]; then\n"
    "  mkdir /sys/fs/cgroup/init && echo $$ >/sys/fs/cgroup/init/cgroup.procs\n"
    "else\n"
    "  mkdir /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified\n"
    "fi\n";

constexpr char kInnerDocker[] =
    "docker='docker -H unix:///run/docker.sock'\n"
    "dockerd -H unix:///run/docker.sock -p /run/docker.pid --exec-root /run/docker \\\n"
    "  --data-root /tmp/data --storage-driver=vfs --iptables=false --ip6tables=false \\\n"
    "  --bridge=none >/tmp/log 2>&1 &\n"
    "until $docker info >/dev/null 2>&1; do sleep 1; done\n"
    "tar -C /job -c . | $docker import - job:1 >/dev/null\n"
    "echo inner $($docker run -d --network none job:1 /bin/trigger --count 7 NET_RAW)\n"
    "wait\n";

constexpr char kInnerUnit[] =
    "[Unit]\nDefaultDependencies=no\n"
    "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/job/bin/trigger --count 7 NET_RAW\n";

class NestedTest : public DockerWatchedTest {
 protected:
  void SetUp() override {
    DockerWatchedTest::SetUp();
    if (!CanRun() || std::filesystem::exists(job())) return;
    ASSERT_TRUE(MakeTriggerRootfs(job()).ok());
  }
  static std::string job() { return directory() / "job"; }

  // A container with this host's programs and a cgroup tree of its own.
  static void RunOuter(const std::string& name, std::vector<std::string> flags,
                       const std::string& script) {
    flags.insert(flags.end(), {"--privileged", "--cgroupns", "private", "--tmpfs", "/run:exec",
                               "--tmpfs", "/tmp:exec", "-v", job() + ":/job:ro", "-e",
                               "PATH=/usr/sbin:/usr/bin:/sbin:/bin"});
    for (const char* folder : {"/bin", "/sbin", "/usr", "/lib", "/lib64"})
      if (std::filesystem::exists(folder))
        flags.insert(flags.end(), {"-v", std::string(folder) + ":" + folder + ":ro"});
    Run(name, flags, {"/bin/sh", "-c", kOwnCgroups + script});
  }

  // Returns the trigger's evidence in the outer container; null while there is none.
  static json TriggersEvidence(const std::string& outer) {
    const json explained = daemon().Json({"explain", outer, "NET_RAW"});
    if (!explained.is_object()) return nullptr;
    for (const json& evidence : explained.at("capability").at("evidence"))
      if (evidence.at("binary") == "/bin/trigger" || evidence.at("binary") == "/job/bin/trigger")
        return evidence;
    return nullptr;
  }
  static void ExpectChargedToOuter(const std::string& outer, const std::string& inner_path) {
    json evidence;
    EXPECT_TRUE(Eventually([&] {
      evidence = TriggersEvidence(outer);
      return evidence.is_object() && Number(evidence, "count") >= 7;
    })) << Logs(outer)
        << daemon().Capmon({"explain", outer, "NET_RAW"}).out;
    ASSERT_TRUE(evidence.is_object());
    EXPECT_EQ(Number(evidence, "count"), 7u) << evidence.dump(1);
    EXPECT_THAT(evidence.at("inner_cgroups"), ElementsAre(inner_path));
    const json profile = daemon().Json({"profile", outer});
    EXPECT_EQ(profile.at("container").at("name_source"), "docker");
    EXPECT_TRUE(profile.at("container").at("privileged"));
  }
  // Returns containers that capmond lists below the outer one.
  static std::set<std::string> ContainersBelow(const std::string& outer) {
    const std::string path =
        daemon().Json({"profile", outer}).at("container").at("cgroup_path").get<std::string>();
    std::set<std::string> below;
    const json list = daemon().Json({"list", "--instances", "-a"});
    for (const json& summary : list.at("containers")) {
      const std::string other = summary.at("container").at("cgroup_path");
      if (other.starts_with(path + "/")) below.insert(other);
    }
    return below;
  }
};

TEST_F(NestedTest, WhatADockerInADockerRunsIsTheOuterContainers) {
  if (!CanRun()) return;
  RunOuter("outer-docker", {}, kInnerDocker);
  if (!CanRun()) return;
  std::string id;
  ASSERT_TRUE(Eventually(
      [&] {
        const std::string logs = Logs("outer-docker");
        const size_t at = logs.find("inner ");
        if (at != logs.npos && logs.find('\n', at) != logs.npos) id = logs.substr(at + 6, 64);
        return !id.empty();
      },
      std::chrono::seconds(60)))
      << Logs("outer-docker");
  ASSERT_EQ(id.find_first_not_of("0123456789abcdef"), id.npos) << id;
  ExpectChargedToOuter("outer-docker", "docker/" + id);
  EXPECT_EQ(daemon().Capmon({"profile", id}).exit_code, 4);
  EXPECT_THAT(ContainersBelow("outer-docker"), IsEmpty());
}

TEST_F(NestedTest, TheUnitsOfASystemdInADockerAreTheOuterContainers) {
  if (!CanRun()) return;
  const std::string systemd = "/lib/systemd/systemd";
  if (!std::filesystem::exists(systemd)) GTEST_SKIP() << "needs systemd";
  const std::string units = directory() / "units";
  std::filesystem::create_directories(units);
  ASSERT_TRUE(WriteFile(units + "/default.target", "[Unit]\nRequires=inner.service\n"));
  ASSERT_TRUE(WriteFile(units + "/inner.service", kInnerUnit));
  RunOuter("outer-systemd",
           {"-e", "container=docker", "-e", "SYSTEMD_UNIT_PATH=/units", "-v", units + ":/units:ro"},
           "exec " + systemd);
  if (!CanRun()) return;
  ExpectChargedToOuter("outer-systemd", "system.slice/inner.service");
  EXPECT_EQ(daemon().Capmon({"profile", "unit:inner.service"}).exit_code, 4);
  EXPECT_THAT(ContainersBelow("outer-systemd"), IsEmpty());
}

}  // namespace
}  // namespace capmon
