// SPDX-License-Identifier: Apache-2.0
// Containers of a real Docker, as people start them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/live/live_test.h"
#include "tests/live/profile_json.h"
#include "tests/live/root_file_systems.h"
#include "tests/support/docker_daemon.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::IsSupersetOf;

const std::set<std::string> kDockersDefault = {
    "CAP_AUDIT_WRITE", "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",    "CAP_FSETID",
    "CAP_KILL",        "CAP_MKNOD",   "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",   "CAP_SETFCAP",
    "CAP_SETGID",      "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT"};

// One dockerd, and one capmond that may ask it for names, for the whole suite.
class DockerTest : public LiveTest {
 protected:
  DockerTest() : LiveTest({"dockerd", "docker", "busybox"}) {}

  void SetUp() override {
    LiveTest::SetUp();
    if (!CanRun() || daemon_) return;
    directory_ = std::make_unique<TempDir>();
    const std::string rootfs = *directory_ / "rootfs";
    ASSERT_TRUE(MakeBusyboxRootfs(rootfs).ok());
    auto docker = DockerDaemon::Start();
    ASSERT_TRUE(docker.ok()) << docker.status();
    docker_.emplace(*std::move(docker));
    const auto imported = docker_->Import(rootfs, "capmon-test:1");
    ASSERT_TRUE(imported.ok()) << imported;
    auto daemon = CapmonDaemon::Start(directory_->path(), {"--docker-socket", docker_->socket()});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
  }

  static void TearDownTestSuite() {
    daemon_.reset();
    docker_.reset();
    directory_.reset();
  }

  // `docker run -d --network none ...` of a shell script that says "ready" when its work is done
  // and then stays; returns once it is that far.
  void StartContainer(const std::string& name, std::vector<std::string> flags,
                      const std::string& script) {
    std::vector<std::string> line = {"run", "-d", "-i", "--network", "none", "--name", name};
    line.insert(line.end(), flags.begin(), flags.end());
    line.insert(line.end(), {"capmon-test:1", "/bin/sh", "-c", script + "; echo ready; cat"});
    const Outcome started = docker_->Docker(line);
    ASSERT_EQ(started.exit_code, 0) << started.err;
    ASSERT_TRUE(Eventually([&] {
      return docker_->Docker({"logs", name}).out.find("ready") != std::string::npos;
    })) << docker_->Docker({"logs", name}).err;
  }

  static inline std::unique_ptr<TempDir> directory_;
  static inline std::optional<DockerDaemon> docker_;
  static inline std::optional<CapmonDaemon> daemon_;
};

TEST_F(DockerTest, PrivilegedAndIdleNeedsNothing) {
  StartContainer("idle", {"--privileged"}, "ls / >/dev/null; sleep 1; ls -l /bin >/dev/null");
  if (!CanRun()) return;
  const json profile = ProfileOnce(*daemon_, "idle", [](const json& now) {
    return Number(Row(now, "CAP_SYS_ADMIN"), "checks") > 0 && now.contains("held");
  });
  ASSERT_TRUE(profile.is_object()) << daemon_->Capmon({"profile", "idle"}).err;
  EXPECT_EQ(Keep(profile), std::set<std::string>{}) << profile.dump(1);
  EXPECT_EQ(NeededByVerdict(profile), std::set<std::string>{}) << profile.dump(1);
  const std::string verdict = Row(profile, "CAP_SYS_ADMIN").at("verdict");
  EXPECT_TRUE(verdict == "noise" || verdict == "runtime-only" || verdict == "unused") << verdict;
  EXPECT_TRUE(Row(profile, "CAP_SYS_ADMIN").at("granted"));
  EXPECT_TRUE(profile.at("container").at("privileged"));
}

TEST_F(DockerTest, AnOrdinaryContainerKeepsWhatItsWorkUses) {
  StartContainer("worker", {},
                 "touch /srv/file && chown worker /srv/file && ping -c 1 127.0.0.1 >/dev/null && "
                 "su worker -c id");
  if (!CanRun()) return;
  const json profile = ProfileOnce(*daemon_, "worker", [](const json& now) {
    return Number(Row(now, "CAP_SETUID"), "count") > 0;
  });
  ASSERT_TRUE(profile.is_object()) << daemon_->Capmon({"profile", "worker"}).err;
  const std::set<std::string> keep = Keep(profile);
  EXPECT_THAT(keep, IsSupersetOf({"CAP_CHOWN", "CAP_NET_RAW", "CAP_SETUID"}));
  for (const char* capability : {"CAP_CHOWN", "CAP_NET_RAW", "CAP_SETUID"}) {
    EXPECT_GE(Number(Row(profile, capability), "count"), 1u) << capability;
  }
  for (const char* capability : {"CAP_MKNOD", "CAP_KILL", "CAP_SETFCAP", "CAP_NET_BIND_SERVICE"}) {
    // Only the runtime, setting the container up, makes devices.
    const std::string verdict = Row(profile, capability).value("verdict", "");
    EXPECT_TRUE(verdict == "unused" || verdict == "runtime-only") << capability << verdict;
    EXPECT_FALSE(keep.contains(capability));
  }
  const std::set<std::string> held = profile.at("held").at("bounding");
  EXPECT_EQ(held, kDockersDefault);
}

TEST_F(DockerTest, HasTheNameAndImageThatDockerGaveIt) {
  StartContainer("named", {}, "true");
  if (!CanRun()) return;
  std::string id = docker_->Docker({"inspect", "-f", "{{.Id}}", "named"}).out;
  id.pop_back();
  const json profile = ProfileOnce(*daemon_, id, [](const json& now) {
    return now.at("container").at("name_source") == "docker";
  });
  ASSERT_TRUE(profile.is_object()) << daemon_->Capmon({"profile", id}).err;
  const json container = profile.at("container");
  EXPECT_EQ(container.at("id"), id);
  EXPECT_EQ(container.at("name"), "named");
  EXPECT_EQ(container.at("image"), "capmon-test:1");
  EXPECT_EQ(container.at("runtime"), "docker");
  EXPECT_EQ(container.at("kind"), "container");
  EXPECT_FALSE(container.at("privileged"));
  for (const std::string& reference : {id.substr(0, 12), std::string("named"), "docker://" + id}) {
    EXPECT_EQ(daemon_->Json({"profile", reference}).at("container").at("id"), id) << reference;
  }
  const json list = daemon_->Json({"list"});
  bool listed = false;
  for (const json& summary : list.at("containers")) {
    if (summary.at("container").at("id") != id) continue;
    listed = true;
    EXPECT_EQ(summary.at("held"), kDockersDefault.size());
  }
  EXPECT_TRUE(listed) << list.dump(1);
  ASSERT_EQ(docker_->Docker({"rename", "named", "renamed"}).exit_code, 0);
  const json renamed = ProfileOnce(
      *daemon_, id, [](const json& now) { return now.at("container").at("name") == "renamed"; });
  EXPECT_EQ(renamed.at("container").at("name"), "renamed");
}

}  // namespace
}  // namespace capmon
